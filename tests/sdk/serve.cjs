// Serves a worker written with the public client: any request gets the page, /client.js the client
// as its package ships it for browsers.   serve.cjs ADDRESS [CERT KEY]
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const [address, cert, key] = process.argv.slice(2);
const page = fs.readFileSync(path.join(__dirname, "frame.html"));
const client = fs.readFileSync(path.join(process.env.NODE_PATH, "@bitrix24/b24jssdk/dist/umd/index.min.js"));

function answer(request, response) {
	const [type, body] = request.url === "/client.js" ? ["text/javascript", client] : ["text/html", page];
	request.resume();
	response.writeHead(200, { "Content-Type": `${type}; charset=utf-8` });
	response.end(body);
}

const server = cert
	? require("node:https").createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, answer)
	: require("node:http").createServer(answer);
server.listen(0, address, () => console.log(`http${cert ? "s" : ""}://${address}:${server.address().port}`));
process.on("SIGTERM", () => process.exit(0));
