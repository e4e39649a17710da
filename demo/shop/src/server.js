import { serve } from '@hono/node-server';
import { createApp } from './app.js';
import { databaseUrl, migrate, openDatabase } from './db.js';

const port = Number(process.env.PORT ?? 3000);
const db = openDatabase(databaseUrl());

const applied = await migrate(db);
if (applied.length > 0) console.log(`migrations applied: ${applied.join(', ')}`);

const server = serve({ fetch: createApp({ db }).fetch, port }, (info) => {
  console.log(`shop listens on http://localhost:${info.port}`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(async () => {
      await db.close();
      process.exit(0);
    });
  });
}
