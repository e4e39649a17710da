import { quote } from '../shell.js';

/**
 * A Node program that sends commands to a MongoDB server, because the server comes without a client. It gets
 * the port and a JSON array of commands. It waits until the server accepts connections, sends the commands to
 * the database `admin` in order, and fails if the server refuses one.
 *
 * The commands are BSON documents in messages of the kind OP_MSG (2013). The program writes only the types
 * that our commands contain: text, 32-bit integers, documents and arrays.
 */
const program = `
const net = require('net');
const element = (name, value) => {
  const [type, bytes] = encode(value);
  return Buffer.concat([Buffer.from([type]), Buffer.from(name + '\\0'), bytes]);
};
const int32 = (value) => { const bytes = Buffer.alloc(4); bytes.writeInt32LE(value); return bytes; };
const document = (value) => {
  const body = Buffer.concat(Object.entries(value).map(([name, one]) => element(name, one)));
  return Buffer.concat([int32(body.length + 5), body, Buffer.from([0])]);
};
const encode = (value) => {
  if (typeof value === 'number') return [0x10, int32(value)];
  if (typeof value !== 'string') return [Array.isArray(value) ? 0x04 : 0x03, document(value)];
  const text = Buffer.from(value + '\\0');
  return [0x02, Buffer.concat([int32(text.length), text])];
};
const connect = () => new Promise((resolve) => {
  const attempt = () => {
    const socket = net.connect(Number(process.argv[1]), '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => setTimeout(attempt, 20));
  };
  attempt();
});
const send = (socket, command) => new Promise((resolve, reject) => {
  const body = Buffer.concat([int32(0), Buffer.from([0]), document({ ...command, $db: 'admin' })]);
  socket.write(Buffer.concat([int32(body.length + 16), int32(1), int32(0), int32(2013), body]));
  let reply = Buffer.alloc(0);
  const take = (chunk) => {
    reply = Buffer.concat([reply, chunk]);
    if (reply.length < 4 || reply.length < reply.readInt32LE(0)) return;
    socket.off('data', take);
    const mark = Buffer.from('\\x01ok\\0');
    const at = reply.indexOf(mark);
    const isOk = at >= 0 && reply.readDoubleLE(at + mark.length) === 1;
    if (isOk) resolve();
    else reject(new Error(reply.toString('latin1').replace(/[^ -~]+/g, ' ')));
  };
  socket.on('data', take);
  socket.once('close', () => reject(new Error('the server closed the connection')));
});
(async () => {
  const socket = await connect();
  for (const command of JSON.parse(process.argv[2])) await send(socket, command);
  process.exit(0);
})().catch((error) => { console.error(error.message); process.exit(1); });
`;

/** The values that the program can send. */
export type MongoValue = string | number | MongoValue[] | { [name: string]: MongoValue };

/** Returns a line of bash that sends commands to the server at this port. */
export function sendMongoCommands(port: number, commands: readonly { [name: string]: MongoValue }[]): string {
  return `"$node" -e ${quote(program)} ${port} ${quote(JSON.stringify(commands))}`;
}
