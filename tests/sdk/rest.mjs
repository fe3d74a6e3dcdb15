// The public client over REST, on Node.   rest.mjs hook WEBHOOK | oauth FIRST-LINE-OF-THE-SANDBOX
import assert from "node:assert/strict";
import { B24Hook, B24OAuth } from "@bitrix24/b24jssdk";

const [way, given] = process.argv.slice(2);

const calls = b24 => ({
	async one(method, params) {
		const answer = await b24.actions.v2.call.make({ method, params });
		assert.ok(answer.isSuccess, answer.getErrorMessages().join("; "));
		return answer.getData();
	},
	// The client throws some refusals and answers with others.
	async refusal(method, params) {
		const answer = await b24.actions.v2.call.make({ method, params }).catch(error => error);
		const error = answer instanceof Error ? answer : [...answer.errors.values()][0];
		return [error?.code, error?.status];
	},
	async batch(commands, halt = true) {
		return b24.actions.v2.batch.make({ calls: commands, options: { isHaltOnError: halt } });
	},
});

async function people(b24) {
	const { one, refusal, batch } = calls(b24);
	const me = (await one("user.current")).result;
	assert.equal(me.ID, "1");
	assert.ok(await b24.tools.ping.make() >= 0);
	assert.ok((await one("server.time")).time.duration >= 0);

	assert.deepEqual(await refusal("no.such.method"), ["ERROR_METHOD_NOT_FOUND", 404]);
	assert.deepEqual(await refusal("feature.get"), ["CODE_EMPTY", 400]);

	// A reference to an earlier item, in a list and in a map.
	const listed = await batch([["user.current"], ["user.get", { FILTER: { ID: "$result[0][ID]" } }]]);
	assert.ok(listed.isSuccess, listed.getErrorMessages().join("; "));
	assert.deepEqual(listed.getData().map(value => (Array.isArray(value) ? value[0] : value).ID), ["1", "1"]);
	const mapped = await batch({
		me: { method: "user.current" },
		same: { method: "user.get", params: { FILTER: { ID: "$result[me][ID]" } } },
		other: { method: "user.get", params: { FILTER: { ID: 2 } } },
	});
	assert.deepEqual(Object.entries(mapped.getData()).map(([key, value]) => [key, (value[0] ?? value).ID]),
		[["me", "1"], ["same", "1"], ["other", "2"]]);

	// What fails in a batch is told of that item, and the others are done.
	const some = await batch([["user.current"], ["no.such.method"], ["server.time"]], false);
	assert.equal(some.isSuccess, false);
	assert.equal(some.errors.size, 1);
	return me;
}

async function hook() {
	const b24 = B24Hook.fromWebhookUrl(given);
	await people(b24);
	const { refusal } = calls(b24);
	assert.deepEqual(await refusal("placement.get"), ["WRONG_AUTH_TYPE", 403]);
	const stranger = B24Hook.fromWebhookUrl(given.replace(/[^/]+\/$/, "nobody/"));
	assert.deepEqual(await calls(stranger).refusal("user.current"), ["INVALID_CREDENTIALS", 403]);
}

// The full protocol's first steps, which the client leaves to others: a code, and tokens for it.
async function authorize(portal) {
	const { client_id, client_secret } = portal.app;
	const page = await fetch(`${portal.portal}/oauth/authorize/?client_id=${client_id}&state=x9`, { redirect: "manual" });
	const back = new URL(page.headers.get("location")).searchParams;
	assert.equal(back.get("state"), "x9");
	const query = new URLSearchParams({ grant_type: "authorization_code", client_id, client_secret, code: back.get("code") });
	return (await fetch(`${portal.auth_server}/oauth/token/?${query}`)).json();
}

async function world(portal, verb, body = {}) {
	const answer = await fetch(`${portal.portal}/sandbox/${verb}`,
		{ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
	assert.equal(answer.status, 200, await answer.clone().text());
}

async function telephony(b24) {
	const { one, batch } = calls(b24);
	const { result: { CALL_ID } } = await one("telephony.externalCall.register",
		{ USER_ID: 1, PHONE_NUMBER: "+15550100199", TYPE: 2, SHOW: 0, EXTERNAL_CALL_ID: "js-1" });
	const { result } = await one("telephony.externalCall.finish", { CALL_ID, USER_ID: 1, DURATION: 7 });
	assert.equal(result.CALL_ID, CALL_ID);
	assert.equal(result.CALL_DURATION, 7);

	// More than a page of calls, each finished by a reference to its register.
	for (let round = 0; round < 3; round++) {
		const pairs = Array.from({ length: 25 }, (_, i) => [
			["telephony.externalCall.register",
				{ USER_ID: 1, PHONE_NUMBER: "+15550100199", TYPE: 1, SHOW: 0, EXTERNAL_CALL_ID: `js-${round}-${i}` }],
			["telephony.externalCall.finish", { USER_ID: 1, CALL_ID: `$result[${2 * i}][CALL_ID]` }],
		]);
		const done = await batch(pairs.flat());
		assert.ok(done.isSuccess, done.getErrorMessages().join("; "));
	}
	// Fetched in the client's own two ways.
	const all = await b24.actions.v2.callList.make({ method: "voximplant.statistic.get", idKey: "ID" });
	assert.ok(all.isSuccess, all.getErrorMessages().join("; "));
	const ids = all.getData().map(row => Number(row.ID));
	assert.deepEqual([ids.length, new Set(ids).size], [76, 76]);
	assert.equal(all.getData()[0].EXTERNAL_CALL_ID, "js-1");
	const pages = [];
	for await (const rows of b24.actions.v2.fetchList.make({ method: "voximplant.statistic.get", idKey: "ID" }))
		pages.push(rows.length);
	assert.deepEqual(pages, [50, 26]);
}

async function oauth() {
	const portal = JSON.parse(given);
	const { client_id, client_secret } = portal.app;
	const first = await authorize(portal);
	const b24 = new B24OAuth({
		accessToken: first.access_token, refreshToken: first.refresh_token, expires: first.expires,
		expiresIn: first.expires_in, scope: first.scope, domain: portal.domain, memberId: first.member_id,
		clientEndpoint: first.client_endpoint, serverEndpoint: first.server_endpoint, userId: 1,
		status: first.status, applicationToken: "",
	}, { clientId: client_id, clientSecret: client_secret });
	const renewed = [];
	b24.setCallbackRefreshAuth(async ({ b24OAuthParams }) => renewed.push({ ...b24OAuthParams }));

	await b24.initIsAdmin();
	assert.equal(b24.auth.isAdmin, true);
	await people(b24);
	await telephony(b24);
	assert.equal(renewed.length, 0);

	// What the portal refuses for the moment is tried again, and what it never knew is not.
	await world(portal, "fault", { fault: "user.current=QUERY_LIMIT_EXCEEDED:1" });
	assert.equal((await calls(b24).one("user.current")).result.ID, "1");
	assert.equal(b24.getHttpClient("v2").getStats().retries, 1);

	// An expired token is renewed in the course of a call.
	await world(portal, "expire");
	const { one } = calls(b24);
	assert.equal((await one("user.current")).result.ID, "1");
	assert.deepEqual((await one("placement.get")).result, []);
	assert.equal(renewed.length, 1);
	assert.notEqual(renewed[0].accessToken, first.access_token);
	assert.notEqual(renewed[0].refreshToken, first.refresh_token);
	assert.ok(b24.auth.getAuthData().expires > Date.now() / 1000);

	// An app that was taken away is refused, and so is its refresh.
	await world(portal, "uninstall");
	await assert.rejects(one("user.current"));
}

({ hook, oauth })[way]().then(() => process.exit(0), error => {
	console.error(error);
	process.exit(1);
});
