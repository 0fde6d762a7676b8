/** The page at `/`: files of this package, and the chart library as its own package has it. Nothing comes from another host. */
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** index.html and page.css, as they are written. */
const written = fileURLToPath(new URL('../../page/', import.meta.url));
/** What tsc has made of the modules beside them. */
const compiled = fileURLToPath(new URL('../page/', import.meta.url));

// Its exports name no file that a browser could take, but the package.json beside it.
const library = join(dirname(createRequire(import.meta.url).resolve('lightweight-charts/package.json')), 'dist');

/** The chart library writes its styles into the page. */
const policy = [
  'default-src \'none\'', 'script-src \'self\'', 'style-src \'self\' \'unsafe-inline\'', 'img-src \'self\' data:', 'connect-src \'self\'',
  'base-uri \'none\'', 'form-action \'none\'', 'frame-ancestors \'none\'',
].join('; ');

export async function addPage(app: FastifyInstance): Promise<void> {
  // There is no data in it, and a browser cannot ask for a page with a token.
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, access: 'public' };
  });
  await app.register(fastifyStatic, {
    root: [compiled, written],
    prefix: '/page/',
    index: false,
    allowedPath: (path) => /^\/?[\w.-]+\.(?:js|mjs|css|html)$/.test(path),
    // Asked for again by its ETag: the page and its modules are of one version.
    cacheControl: true,
    maxAge: 0,
  });
  app.get('/', { schema: { hide: true } }, async (_request, reply) => {
    void reply.header('content-security-policy', policy);
    return reply.sendFile('index.html', written);
  });
  app.get('/page/lightweight-charts.mjs', { schema: { hide: true } }, async (_request, reply) =>
    reply.sendFile('lightweight-charts.standalone.production.mjs', library));
}
