/** Backups in a bucket of S3, or of whatever speaks like it. */
import { Readable } from 'node:stream';
import { BackupError, codeOf } from '../errors/catalogue.js';
import { gone } from './manifest.js';
import type { BackupStore, StoredFile, StoreOptions } from './store.js';

const megabyte = 1024 * 1024;

async function loadSdk() {
  try {
    const [s3, storage] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
    return { ...s3, Upload: storage.Upload };
  } catch (cause) {
    if (codeOf(cause) !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new BackupError('BACKUP_TARGET', 'S3 needs two packages that are not installed', 'npm install @aws-sdk/client-s3 @aws-sdk/lib-storage', { cause });
  }
}

/** Address and keys come as the SDK finds them: AWS_REGION, AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, profiles, roles of machines. */
export async function s3Store(url: string, { endpoint, mostBytes = 0 }: StoreOptions): Promise<BackupStore> {
  const [, Bucket, path = ''] = /^s3:\/\/([^/]+)\/*(.*?)\/*$/.exec(url) ?? [];
  if (Bucket === undefined) throw new BackupError('BACKUP_TARGET', `${url} names no bucket`, 'Write it as s3://bucket/prefix.');
  const { S3Client, Upload, DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command } = await loadSdk();
  const address = endpoint ?? process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  const client = new S3Client({
    // A server of one's own seldom has a name for each bucket, nor the newer checksums. Ours are in the manifest.
    ...(address ? { endpoint: address, forcePathStyle: true } : {}),
    region: process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const prefix = path === '' ? '' : `${path}/`;
  /** The errors of the SDK have names, and some say nothing else. */
  const asking = async <T>(key: string, answer: Promise<T>): Promise<T> => answer.catch((cause: unknown) => {
    const where = `s3://${Bucket}/${key}`;
    const { name, message } = cause as Error;
    if (name === 'NoSuchKey') throw gone(where);
    throw new BackupError('BACKUP_TARGET', `${where} cannot be reached: ${name}: ${message}`,
      'Look at the name of the bucket, the endpoint (--endpoint), the keys (AWS_ACCESS_KEY_ID, AWS_PROFILE) and what they may do.', { cause });
  });
  return {
    location: `s3://${Bucket}/${path}`,
    async write(name, content) {
      const Key = `${prefix}${name}`;
      // Two parts are in memory. There may be 10,000 of them. Nothing is there under the name before the last one is.
      const partSize = Math.max(8 * megabyte, Math.ceil(mostBytes / 9000));
      const Body = Readable.from(content, { objectMode: false });
      await asking(Key, new Upload({ client, params: { Bucket, Key, Body }, partSize, queueSize: 2 }).done()).catch((error: unknown) => {
        // Not every server can abort an upload; why it was to be aborted is the news.
        throw Body.errored ?? error;
      });
    },
    async read(name) {
      const Key = `${prefix}${name}`;
      const { Body } = await asking(Key, client.send(new GetObjectCommand({ Bucket, Key })));
      return Body as Readable;
    },
    async files() {
      const found = new Map<string, StoredFile>();
      for (let ContinuationToken: string | undefined; ;) {
        const page = await asking(prefix, client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, Delimiter: '/', ContinuationToken })));
        for (const { Key = '', Size: size = 0, LastModified } of page.Contents ?? []) {
          // Of what came in parts it is when that began.
          found.set(Key.slice(prefix.length), { size, since: LastModified?.getTime() ?? Infinity });
        }
        ContinuationToken = page.NextContinuationToken;
        if (ContinuationToken === undefined) return found;
      }
    },
    async remove(name) {
      const Key = `${prefix}${name}`;
      await asking(Key, client.send(new DeleteObjectCommand({ Bucket, Key })));
    },
  };
}
