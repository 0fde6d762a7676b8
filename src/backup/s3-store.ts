/** Backups in a bucket of S3, or of whatever speaks like it. */
import { Readable } from 'node:stream';
import { BackupError, codeOf } from '../errors/catalogue.js';
import type { BackupStore, StoreOptions } from './store.js';

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
  const { S3Client, Upload, DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } = await loadSdk();
  const address = endpoint ?? process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  const client = new S3Client({
    // A server of one's own seldom has a name for each bucket, nor the newer checksums. Ours are in the manifest.
    ...(address ? { endpoint: address, forcePathStyle: true } : {}),
    region: process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const prefix = path === '' ? '' : `${path}/`;
  return {
    location: `s3://${Bucket}/${path}`,
    async write(name, content) {
      const Key = `${prefix}${name}`;
      let length = 0;
      let failure: unknown;
      const counted = async function* (): AsyncGenerator<Buffer> {
        try {
          for await (const piece of content) {
            length += piece.length;
            yield piece;
          }
        } catch (error) {
          throw (failure = error);
        }
      };
      // Two parts are in memory. There may be 10,000 of them. Nothing is there under the name before the last one is.
      const partSize = Math.max(8 * megabyte, Math.ceil(mostBytes / 9000));
      const Body = Readable.from(counted(), { objectMode: false });
      await new Upload({ client, params: { Bucket, Key, Body }, partSize, queueSize: 2 }).done().catch((error: unknown) => {
        // Not every server can abort an upload; why it was to be aborted is the news.
        throw failure ?? error;
      });
      const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket, Key }));
      if (ContentLength !== length) {
        throw new BackupError('BACKUP_FAILED', `s3://${Bucket}/${Key} has ${ContentLength} bytes instead of the ${length} that were sent`, 'Try again; if it stays so, look after the S3 server.');
      }
    },
    async read(name) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: `${prefix}${name}` }));
      return Body as Readable;
    },
    async sizes() {
      const found = new Map<string, number>();
      for (let ContinuationToken: string | undefined; ;) {
        const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, Delimiter: '/', ContinuationToken }));
        for (const { Key = '', Size = 0 } of page.Contents ?? []) found.set(Key.slice(prefix.length), Size);
        ContinuationToken = page.NextContinuationToken;
        if (ContinuationToken === undefined) return found;
      }
    },
    async remove(name) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: `${prefix}${name}` }));
    },
  };
}
