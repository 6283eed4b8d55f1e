// A call, as Homer is told of it: SIP, RTCP, quality and record by HEP 3, each with
// the addresses that it went between, and the session of the call.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, test } from 'node:test';

import { openHomer } from './lib/homer.mjs';
import { assertNoSecrets, startRig } from './lib/rig.mjs';

const KEY = 'homers-own-word';
const dir = mkdtempSync(`${tmpdir()}/hep-`);
const keys = []; // of SRTP, that the bridge has offered
const responses = []; // what proved the bridge's password

let homer;
let rig;

before(async () => {
	homer = await openHomer();
	rig = await startRig({ bridge: {
		account: { params: ';regint=300;mediaenc=srtp' },
		keys: {
			module_app: ['connectycube.so', 'connectycube_link.so',
				'connectycube_hep.so', 'account.so', 'ctrl_tcp.so'],
			connectycube_link_socket: `${dir}/hub.sock`,
			connectycube_link_spool: `${dir}/spool`,
			connectycube_hep_server: `localhost:${homer.port}`,
			connectycube_hep_id: 4711, connectycube_hep_name: 'sales',
			connectycube_hep_key: KEY,
		},
	} });
	rig.ua.guard = (request) => {
		if (request.method !== 'INVITE') return null;
		keys.push(...[...request.body.matchAll(/inline:(\S+)/g)].map(
			([, key]) => key));
		const [, response] = /response="(\w+)"/.exec(
			request.header('Proxy-Authorization') ?? '') ?? [];

		if (response) responses.push(response);
		return response ? null : { code: 407, headers: [
			'Proxy-Authenticate: Digest realm="x", nonce="y"'] };
	};
});

after(async () => {
	await rig?.stop();
	homer?.close();
	rmSync(dir, { recursive: true, force: true });
});

afterEach(() => rig.reset());

const json = (packets, type) => packets.filter((one) =>
	one['hep.type'] === String(type)).map((one) => ({ ...one,
	json: JSON.parse(one['hep.payload']) }));

test('SIP, RTCP of both sides, quality and record, read by tshark', async () => {
	const begin = Date.now();
	const call = await rig.appCallsPhone();
	const record = (what, side) => ({ type, payload, sport, dport }) =>
		type === what && (side ? side(sport, dport) : true) && payload;

	await rig.waitTones();
	// RTCP to the phone, and the app's own
	await homer.wait('RTCP to the phone', record(5, (sport, dport) =>
		dport === call.rtp.port + 1 || dport === call.rtp.port));
	await homer.wait('RTCP of the app', ({ type, payload }) => type === 5
		&& JSON.parse(payload).sender_information?.packets
		&& JSON.parse(payload).report_blocks.length
		&& homer.seen.filter((one) => one.type === 5).length > 3);
	await rig.phoneHangsUp(call);
	await homer.wait('the record', record(100));
	await homer.wait('the end of BYE', ({ type, payload }) => type === 1
		&& /^SIP\/2.0 200[^]*CSeq: *\d+ BYE/.test(payload));

	const packets = homer.read();
	const { session } = json(packets, 100)[0].json;

	assert.ok(session);
	for (const one of packets) {
		assert.equal(one['hep.wrong'], undefined, JSON.stringify(one));
		assert.equal(one['hep.agent'], '4711');
		assert.equal(one['hep.node'], 'sales');
		assert.equal(one['hep.key'], KEY);
		assert.equal(one['hep.family'], '2');
		assert.equal(one['hep.cid'], session, JSON.stringify(one));
		const time = one['hep.sec'] * 1000 + one['hep.usec'] / 1000;

		assert.ok(time >= begin - 1 && time <= Date.now(), time);
	}

	// each message of the call, between those that it went between
	const sip = packets.filter((one) => one['hep.type'] === '1');
	const bridge = String(rig.bridge.port);
	const phone = String(rig.ua.port);
	const lines = sip.map((one) => `${one['hep.sport'] === bridge ? 'out' : 'in'} `
		+ (one['sip.Method'] ?? `${one['sip.Status-Code']} ${
			one['sip.CSeq.method']}`));

	for (const one of sip) {
		assert.equal(one['hep.proto'], '17');
		assert.equal(one['hep.src'], '127.0.0.1');
		assert.equal(one['hep.dst'], '127.0.0.1');
		assert.deepEqual([one['hep.sport'], one['hep.dport']].sort(),
			[bridge, phone].sort());
		assert.equal(one['sip.Call-ID'], sip[0]['sip.Call-ID']);
	}
	// (a machine that is slow sends some twice)
	assert.deepEqual([...new Set(lines)], ['out INVITE', 'in 407 INVITE',
		'out ACK', 'in 100 INVITE', 'in 180 INVITE', 'in 200 INVITE', 'in BYE',
		'out 200 BYE']);
	assert.ok(lines.filter((line) => line === 'out INVITE').length >= 2);

	// both sides' media
	const rtcp = json(packets, 5);

	for (const { json: { type, ssrc, report_blocks: blocks }, ...one } of rtcp) {
		for (const at of ['src', 'dst', 'sport', 'dport'])
			assert.ok(!['0', '0.0.0.0'].includes(one[`hep.${at}`]), at);
		assert.ok([200, 201].includes(type) && ssrc);
		for (const block of blocks) assert.ok(block.source_ssrc
			&& block.highest_seq_no && block.fraction_lost <= 255);
	}
	assert.ok(new Set(rtcp.map(({ json: { ssrc } }) => ssrc)).size >= 3);

	const reports = json(packets, 34).map(({ json: report }) => report);
	const media = `127.0.0.1:${call.rtp.port}`;

	assert.deepEqual(reports.map(({ PARTY, DIR }) => `${PARTY}${DIR}`).sort(),
		['00', '01', '10', '11']);
	for (const report of reports) {
		assert.equal(report.CORRELATION_ID, session);
		assert.equal(report.TYPE, 'HANGUP');
		assert.ok(report.TOTAL_PK > 20 && report.SRC_PORT && report.DST_PORT,
			JSON.stringify(report));
		if (!report.DIR) assert.ok(report.MOS > 1 && report.RFACTOR > 6);
		if (!report.PARTY) {
			assert.equal(report.RTP_SIP_CALL_ID, sip[0]['sip.Call-ID']);
			assert.equal(report.DIR ? `${report.DST_IP}:${report.DST_PORT}`
				: `${report.SRC_IP}:${report.SRC_PORT}`, media);
		}
	}
	assert.equal(json(packets, 100).length, 1);
	assert.equal(json(packets, 100)[0].json.disposition, 'ANSWERED');

	// SIP once more, by who reads HEP by himself
	const seen = new Set(await homer.sngrep());

	assert.ok(seen.has(`127.0.0.1 ${bridge} 127.0.0.1 ${phone} INVITE `));
	assert.ok(seen.has(`127.0.0.1 ${phone} 127.0.0.1 ${bridge} INVITE 407`));
	assert.ok(seen.has(`127.0.0.1 ${bridge} 127.0.0.1 ${phone} BYE 200`));

	// nothing that proves or opens anything
	assert.ok(keys.length && responses.length);
	assertNoSecrets(homer.datagrams.map((data) => data.toString('latin1'))
		.join('\n'), [...await rig.secrets(), ...keys, ...responses],
	'what Homer is told');
	assert.match(await rig.bridge.command('cube_hep'), /works\nsent: \d+, /);
	assert.ok(!rig.bridge.log().includes(KEY));
});

test('Homer is away: said once, and no call notices', async () => {
	const { port } = homer;

	homer.close();
	let since = rig.bridge.log().length;
	const call = await rig.appCallsPhone();

	await rig.waitTones();
	await rig.bridge.waitLog(/hep: localhost port \d+: .*lost/, { since });
	await rig.phoneHangsUp(call);
	assert.equal(rig.bridge.log().slice(since).match(/hep: localhost/g).length,
		1);
	since = rig.bridge.log().length;
	homer = await openHomer(port);
	const next = await rig.appCallsPhone();

	await rig.waitTones();
	// RTCP goes on
	await rig.bridge.waitLog(/hep: localhost port \d+: works again/, { since });
	await rig.phoneHangsUp(next);
	await homer.wait('a record', ({ type }) => type === 100);
});
