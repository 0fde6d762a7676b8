/** btc-dashboard-server: the annotated queries of btc-dashboard-db over HTTP. */
export { serve, type ServeOptions, type Server } from './serve.js';
