// What somebody in the network reads of a MySQL connection. A server on this machine plays the database and prints
// what arrives; the driver of api/ plays the function. It asks for TLS or doesn't: node tools/wiretap.mjs [tls]
import { createRequire } from "node:module";
import { createServer } from "node:net";

const require = createRequire(new URL("../api/", import.meta.url));
const mysql = require("mysql");
const ORDER = "INSERT INTO Custom_Unicorns (NAME, COMPANY, SOCK, HORN) VALUES ('Sunny', 7, 2, 3)";

/** A packet of the protocol: length, number, contents. */
function packet(number, contents) {
  const header = Buffer.alloc(4);
  header.writeUIntLE(contents.length, 0, 3);
  header[3] = number;
  return Buffer.concat([header, contents]);
}

/** What a server says first: its version and abilities, among which is no TLS. */
const greeting = Buffer.concat([
  Buffer.from([10]),
  Buffer.from("8.0.39\0"),
  Buffer.from([1, 0, 0, 0]),
  Buffer.from("abcdefgh\0"),
  Buffer.from([0x0d, 0xa2, 45, 2, 0, 0x08, 0, 21]),
  Buffer.alloc(10),
  Buffer.from("ijklmnopqrst\0"),
  Buffer.from("mysql_native_password\0"),
]);
const fine = Buffer.from([0, 0, 0, 2, 0, 0, 0]);

/** A text that a zero ends. */
const until0 = (data, from) => data.toString("latin1", from, data.indexOf(0, from));

const server = createServer((socket) => {
  let loggedIn = false;
  socket.on("error", () => {});
  socket.on("data", (data) => {
    if (loggedIn) {
      console.log(`query: ${data.subarray(5)}`);
      socket.write(packet(1, fine));
    } else {
      // After 36 bytes of numbers: the user, the answer to the password's question, the database.
      const user = until0(data, 36);
      const answer = 36 + user.length + 1;
      console.log(`login: ${user}, database ${until0(data, answer + 1 + data[answer])}`);
      socket.write(packet(2, fine));
      loggedIn = true;
    }
  });
  socket.write(packet(0, greeting));
});

server.listen(0, "127.0.0.1", () => {
  const connection = mysql.createConnection({
    host: "127.0.0.1",
    port: server.address().port,
    user: "admin",
    password: "nobody reads this",
    database: "unicorn_customization",
    ssl: process.argv[2] === "tls" ? {} : undefined,
  });
  connection.query(ORDER, (error) => {
    if (error) console.log(`the driver: ${error.message}`);
    connection.destroy();
    server.close();
  });
});
