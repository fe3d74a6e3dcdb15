// The postMessage wire between one worker frame and this page (portal.md 12.2, 12.3). Whatever
// the portal passes over in silence is passed over in silence here.

// COMMAND:[JSON]:[CALLBACK]:APP_SID, where only the JSON may hold colons of its own.
export function split(text) {
	const parts = text.split(":");
	return {
		name: parts[0],
		json: parts.slice(1, -2).join(":"),
		callback: parts.at(-2),
		sid: parts.at(-1),
	};
}

function read(data) {
	if (typeof data === "string")
		return split(data);
	if (data && typeof data === "object")
		return { name: data.method, params: data.params, callback: data.callback, sid: data.appSid };
	return null;
}

// A bare value stands for no parameters.
function parameters(message) {
	const params = message.json ? JSON.parse(message.json) : message.params;
	return params && typeof params === "object" ? params : [];
}

export class Wire {
	// commands: name on the wire -> function (params, reply). heard(name, params): for the log.
	constructor(frame, iframe, commands, heard) {
		this.frame = frame;
		this.iframe = iframe;
		this.commands = commands;
		this.heard = heard;
		this.origin = new URL(frame.handler).origin;
		this.listener = event => this.receive(event);
		addEventListener("message", this.listener);
	}

	close() {
		removeEventListener("message", this.listener);
	}

	receive(event) {
		if (event.origin !== this.origin)
			return;
		const message = read(event.data);
		if (!message || message.sid !== this.frame.sid)
			return;
		const command = this.commands.get(message.name);
		if (!command)
			return;
		let params;
		try {
			params = parameters(message);
		} catch {
			return;
		}
		this.heard(message.name, params);
		command(params, value => this.reply(message.callback, value));
	}

	// No value is an empty rest, which differs from an empty string. A map or a list is no token.
	reply(callback, value) {
		if (!callback || typeof callback === "object")
			return;
		const rest = value === undefined ? "" : JSON.stringify(value);
		this.iframe.contentWindow?.postMessage(`${callback}:${rest}`, this.origin);
	}
}
