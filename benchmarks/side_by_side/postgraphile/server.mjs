// PostGraphile on Node's own HTTP server: by the port, with the database and the key in the environment.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const digest = (key) => createHash("sha256").update(key).digest();
const expected = digest(process.env.BENCHMARK_KEY);

function isAuthorised(request) {
  const [scheme, key] = (request.headers.authorization ?? "").split(" ");
  return scheme.toLowerCase() === "bearer" && timingSafeEqual(digest(key ?? ""), expected);
}

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public"],
      // As many connections as the other servers have.
      poolConfig: { max: 10 },
    }),
  ],
  grafserv: { graphiql: false, watch: false, graphqlPath: "/graphql" },
});
const handle = instance.createServ(grafserv).createHandler();

createServer((request, response) => {
  if (isAuthorised(request)) {
    handle(request, response);
  } else {
    response.writeHead(401).end();
  }
}).listen(Number(process.argv[2]), "127.0.0.1");
