// Asterisk's manager interface, as far as the tests need one: it logs in by
// challenge, has channels, answers, and can stall, cut and lie. What it says is
// as Asterisk 22 says it.
//
//	const ami = await openAmi({ user: 'bridge', secret: 'x' });
//	ami.channel('PJSIP/1001-00000001', { state: 6 });
//	const action = await ami.waitAction('Hangup');

import { createHash, randomInt } from 'node:crypto';
import { createServer as createTcp } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { once } from 'node:events';

import { until } from '../../../contrib/sandbox/lib/process.mjs';

const BANNER = 'Asterisk Call Manager/11.0.0\r\n';
const STATES = { 0: 'Down', 4: 'Ring', 5: 'Ringing', 6: 'Up' };

const lines = (fields) => fields.map(([name, value]) => `${name}: ${value}\r\n`)
	.join('');

class Manager {
	/**
	 * silent   it does not even say hello
	 * banner   its first line
	 * dialect  what becomes of what it says: (text) => text
	 */
	constructor({ user, secret, silent = false, banner = BANNER,
		dialect = (text) => text }) {
		Object.assign(this, { user, secret, silent, banner, dialect });
		this.actions = []; // all that came, as maps
		this.sockets = new Set();
		this.logins = 0;
		this.connections = 0;
		this.channels = new Map(); // name -> fields
		this.answers = new Map(); // action -> how it is answered
		this.ids = 0;
		this.quiet = false; // nothing is answered
	}

	/** Answer an action so: ({ action, reply, event, socket }) => void */
	on(action, h) {
		this.answers.set(action, h);
	}

	attach(socket) {
		let text = '';
		let challenge = null;

		this.connections++;
		this.sockets.add(socket);
		socket.loggedIn = false;
		socket.setEncoding('utf8');
		socket.on('error', () => {});
		socket.on('close', () => this.sockets.delete(socket));
		if (!this.silent) this.say(socket, this.banner);
		socket.on('data', (data) => {
			text += data;
			for (let end; (end = text.indexOf('\r\n\r\n')) >= 0;) {
				const fields = text.slice(0, end).split('\r\n').map((line) =>
					/^([^:]*): ?(.*)$/s.exec(line).slice(1));
				const action = Object.fromEntries(fields);

				text = text.slice(end + 4);
				action.fields = fields;
				action.at = Date.now();
				this.actions.push(action);
				if (this.quiet) continue;
				if (action.Action === 'Challenge') {
					challenge = String(randomInt(1e9));
					this.reply(socket, action, [['Challenge', challenge]]);
				} else if (action.Action === 'Login') {
					this.login(socket, action, challenge);
				} else {
					this.answer(socket, action);
				}
			}
		});
	}

	login(socket, action, challenge) {
		const key = createHash('md5').update(`${challenge}${this.secret}`)
			.digest('hex');
		const good = action.Username === this.user
			&& (action.AuthType === 'MD5' ? challenge && action.Key === key
				: action.Secret === this.secret);

		if (!good) {
			socket.end(`Response: Error\r\nActionID: ${action.ActionID}\r\n`
				+ 'Message: Authentication failed\r\n\r\n');
			return;
		}
		this.logins++;
		socket.loggedIn = true;
		this.reply(socket, action, [['Message', 'Authentication accepted']]);
		this.event([['Event', 'FullyBooted'], ['Privilege', 'system,all'],
			['Status', 'Fully Booted']], socket);
	}

	reply(socket, action, fields = [], response = 'Success') {
		this.say(socket, `${lines([['Response', response],
			['ActionID', action.ActionID], ...fields])}\r\n`);
	}

	say(socket, text) {
		socket.write(this.dialect(text));
	}

	answer(socket, action) {
		const own = this.answers.get(action.Action);
		const name = action.Channel ?? action.Channel1;

		if (own) {
			own({ action, socket, event: (fields) => this.event(fields, socket),
				reply: (...args) => this.reply(socket, action, ...args) });
		} else if (action.Action === 'Ping') {
			this.reply(socket, action, [['Ping', 'Pong']]);
		} else if (action.Action === 'Filter') {
			this.reply(socket, action, [['Message', 'Success']]);
		} else if (action.Action === 'CoreShowChannels') {
			this.list(socket, action);
		} else if (!this.channels.has(name) && action.Action !== 'Originate') {
			this.reply(socket, action, [['Message', 'No such channel']],
				'Error');
		} else {
			this.reply(socket, action, [['Message', 'done']]);
			if (action.Action === 'Hangup')
				this.hangup(name, Number(action.Cause ?? 16));
		}
	}

	list(socket, action) {
		const id = ['ActionID', action.ActionID];

		this.reply(socket, action, [['EventList', 'start'],
			['Message', 'Channels will follow']]);
		for (const fields of this.channels.values())
			this.event([['Event', 'CoreShowChannel'], id, ...fields], socket);
		this.event([['Event', 'CoreShowChannelsComplete'], id,
			['EventList', 'Complete'], ['ListItems', this.channels.size]],
		socket);
	}

	/** An event, to one or to all that have logged in. */
	event(fields, socket = null) {
		for (const one of socket ? [socket] : this.sockets)
			if (one.loggedIn) this.say(one, `${lines(fields)}\r\n`);
	}

	/** A channel comes; nobody is told of one that was there before. */
	channel(name, { state = 4, number = '1001', caller = 'Test 1001',
		exten = '1002', peer = '<unknown>', linked = null, quiet = false,
		id = `1795369217.${++this.ids}` } = {}) {
		const fields = [['Channel', name], ['ChannelState', state],
			['ChannelStateDesc', STATES[state]], ['CallerIDNum', number],
			['CallerIDName', caller], ['ConnectedLineNum', peer],
			['ConnectedLineName', '<unknown>'], ['Language', 'en'],
			['AccountCode', ''], ['Context', 'from-internal'],
			['Exten', exten], ['Priority', 1], ['Uniqueid', id],
			['Linkedid', linked ?? id]];

		this.channels.set(name, fields);
		if (!quiet)
			this.event([['Event', 'Newchannel'], ['Privilege', 'call,all'],
				...fields]);
		return id;
	}

	/** An event of a channel. */
	tell(name, event, more = []) {
		this.event([['Event', event], ['Privilege', 'call,all'],
			...this.channels.get(name), ...more]);
	}

	/** Uniqueid of a channel. */
	id(name) {
		return Object.fromEntries(this.channels.get(name)).Uniqueid;
	}

	/** A channel's state is another one. */
	state(name, state) {
		const fields = this.channels.get(name).map(([key, value]) =>
			[key, key === 'ChannelState' ? state
				: key === 'ChannelStateDesc' ? STATES[state] : value]);

		this.channels.set(name, fields);
		this.event([['Event', 'Newstate'], ['Privilege', 'call,all'],
			...fields]);
	}

	hangup(name, cause = 16) {
		const fields = this.channels.get(name);

		this.channels.delete(name);
		this.event([['Event', 'Hangup'], ['Privilege', 'call,all'], ...fields,
			['Cause', cause], ['Cause-txt', 'Normal Clearing']]);
	}

	/** All connections end, as when Asterisk does. */
	cut() {
		for (const socket of this.sockets) socket.destroy();
	}

	async waitAction(name, { count = 1, timeout = 30000 } = {}) {
		const found = () => this.actions.filter((one) => one.Action === name);

		await until(`${count} × ${name}`, () => found().length >= count,
			{ timeout });
		return found()[count - 1];
	}

	async waitLogin(count = 1, timeout = 60000) {
		await until(`${count} logins`, () => this.logins >= count,
			{ timeout });
	}

	async close() {
		this.cut();
		this.server.close();
		await once(this.server, 'close');
	}
}

/** What a bridge that has such a manager has in its configuration. */
export const amiKeys = (ami) => ({
	connectycube_ami_server: `localhost:${ami.port}`,
	connectycube_ami_user: ami.user,
	connectycube_ami_secret: ami.secret,
});

/** A manager that listens at a port of this host. */
export async function openAmi({ tls = null, port = 0, ...options }) {
	const ami = new Manager(options);
	const h = (socket) => ami.attach(socket);

	ami.server = tls ? createTls(tls, h) : createTcp(h);
	ami.server.on('tlsClientError', () => {});
	ami.server.listen(port, '127.0.0.1');
	await once(ami.server, 'listening');
	ami.port = ami.server.address().port;
	return ami;
}
