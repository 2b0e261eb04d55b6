// AWS's own client, towards a local app. It knows TLS only: here the address is put right.
const [folder, endpoint, path, authToken] = process.argv.slice(2);
const { createRequire } = await import("node:module");
const { resolve } = createRequire(`${folder}/`);
const Plain = globalThis.WebSocket;
globalThis.WebSocket = class extends Plain {
  constructor(url, protocols) {
    super(String(url).replace("wss://", "ws://"), protocols);
  }
};
const { Amplify } = await import(resolve("aws-amplify"));
const { events } = await import(resolve("aws-amplify/data"));
const said = { authMode: "lambda", authToken };
const Events = { endpoint, region: "us-east-1", defaultAuthMode: "lambda" };
Amplify.configure({ API: { Events } });
const channel = await events.connect(path, said);
channel.subscribe(
  {
    next: ({ event }) => console.log(JSON.stringify(event)),
    error: (error) => console.log(JSON.stringify({ error: String(error?.message ?? error) })),
  },
  said,
);
setTimeout(() => process.exit(3), 60_000);
