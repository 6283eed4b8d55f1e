-- Who is there: last activity (XEP-0012) of any user, and status streaming, which
-- tells when it changes. The cloud tells both to every user of the application,
-- where Prosody's own module would to contacts alone.

local id = require "util.id";
local jid = require "util.jid";
local now = require "util.time".now;
local st = require "util.stanza";

local NS_LAST = "jabber:iq:last";
local NS_STATUS = "https://connectycube.com/protocol/status_streaming";

return function (cloud)
	local host = prosody.hosts[module.host];
	local started = now();
	local left = {};     -- when a user was last there, by chat name
	local watchers = {}; -- who is told of one: { [full JID] = true }

	-- Seconds since a user was there; 0 while it is.
	local function seconds(name, except)
		local account = host.sessions[name];

		for _, session in pairs(account and account.sessions or {}) do
			if session.presence and session ~= except then
				return 0;
			end
		end
		return math.max(1, math.floor(now() - (left[name] or started)));
	end

	local function query(stanza, value)
		return stanza:tag("query", { xmlns = NS_LAST,
			seconds = tostring(value) });
	end

	module:hook("iq-get/bare/" .. NS_LAST .. ":query", function (event)
		local name = jid.node(event.stanza.attr.to);

		if not cloud:chat_user(name or "") then
			return;
		end
		event.origin.send(query(st.reply(event.stanza), seconds(name)));
		return true;
	end, 10);

	module:hook("iq-set/self/" .. NS_STATUS .. ":subscribe", function (event)
		local session = event.origin;
		local wanted = event.stanza.tags[1].attr;
		local name = jid.node(wanted.user_jid or "");

		if not name then
			return;
		end
		watchers[name] = watchers[name] or {};
		watchers[name][session.full_jid] = wanted.enable == "true"
			or nil;
		session.send(st.reply(event.stanza));
		return true;
	end);

	local function tell(name, value)
		for watcher in pairs(watchers[name] or {}) do
			local session = prosody.full_sessions[watcher];

			if session then
				session.send(query(st.iq { type = "result";
					from = name .. "@" .. module.host;
					to = watcher; id = id.medium() }, value));
			else
				watchers[name][watcher] = nil;
			end
		end
	end

	module:hook("presence/initial", function (event)
		tell(event.origin.username, 0);
	end);

	-- Before Prosody's own handler, which forgets the session's presence: of
	-- two with one priority either may come first.
	module:hook("resource-unbind", function (event)
		local session = event.session;
		local name = session.username;

		if session.presence and seconds(name, session) > 0 then
			left[name] = now();
			tell(name, 1);
		end
	end, 10);
end
