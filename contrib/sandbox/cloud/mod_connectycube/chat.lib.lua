-- The chat side of the sandbox cloud: keeps the journal of call signals
-- (headline messages), applies the faults asked for, and knows who is online.

local array = require "util.array";
local filters = require "util.filters";
local id = require "util.id";
local jid = require "util.jid";
local st = require "util.stanza";
local timer = require "util.timer";
local xml = require "util.xml";

-- Journal entry of a headline message.
local function describe(stanza)
	local entry = {
		from = stanza.attr.from;
		to = stanza.attr.to;
		id = stanza.attr.id;
		xml = tostring(stanza);
		candidates = 0;
	};

	for extra in stanza:childtags() do
		if extra.name == "extraParams" then
			if extra:get_child_text("moduleIdentifier")
				== "SystemNotifications" then
				entry.type = "system";
				entry.system = {};
				for tag in extra:childtags() do
					entry.system[tag.name] = tag:get_text() or "";
				end
			end
			for tag in extra:childtags() do
				if tag.name == "signalType" then
					entry.type = tag:get_text();
				elseif tag.name == "sessionID" then
					entry.session = tag:get_text();
				elseif tag.name == "sdp" then
					entry.sdp = tag:get_text();
				elseif tag.name == "iceCandidates" then
					entry.candidates = #tag.tags;
				elseif tag.name == "userInfo" then
					entry.user_info = {};
					for info in tag:childtags() do
						entry.user_info[info.name] =
							info:get_text() or "";
					end
				end
			end
		end
	end
	return entry;
end

-- Nested tables become nested elements, in any order; a list of { name, value }
-- keeps its order.
local function add_params(stanza, params)
	for key, value in pairs(params) do
		if type(key) == "number" then
			key, value = value[1], value[2];
		end
		if type(value) == "table" then
			stanza:tag(key);
			add_params(stanza, value);
			stanza:up();
		elseif value ~= nil then
			stanza:text_tag(key, tostring(value));
		end
	end
end

return function (cloud)
	local host = module.host;

	local function user_of(address)
		local name = jid.node(address or "");

		return name and cloud:chat_user(name);
	end

	local function deliver(origin, stanza)
		prosody.core_post_stanza(origin, stanza, false);
	end

	-- Someone's headline on its way: note it; drop or delay it if told so.
	local function on_message(event)
		local origin, stanza = event.origin, event.stanza;

		if stanza.attr.type ~= "headline" then
			return;
		end

		local entry = describe(stanza);
		local fault = cloud:take_fault(cloud.faults.stanza,
			function (rule)
				return (not rule.type or rule.type == entry.type)
				and (not rule.from or cloud:find_user(rule.from)
					== user_of(entry.from))
				and (not rule.to or cloud:find_user(rule.to)
					== user_of(entry.to));
			end);

		entry.fate = not fault and "sent"
			or fault.drop and "dropped" or fault.hold and "held" or "delayed";
		cloud.signals:add(entry);

		if fault and fault.drop then
			return true;
		end
		if fault and fault.hold then
			local late = st.clone(stanza);

			table.insert(cloud.held, function ()
				deliver(origin, late);
			end);
			return true;
		end
		if fault and fault.delay_ms then
			local late = st.clone(stanza);

			timer.add_task(fault.delay_ms / 1000, function ()
				deliver(origin, late);
			end);
			return true;
		end
	end

	module:hook("pre-message/bare", on_message, 100);
	module:hook("pre-message/full", on_message, 100);

	module:hook("resource-bind", function (event)
		cloud.events:add { event = "online",
			jid = event.session.full_jid };
	end);
	module:hook("resource-unbind", function (event)
		cloud.events:add { event = "offline",
			jid = event.session.full_jid };
	end);
	module:hook("authentication-failure", function (event)
		cloud.events:add { event = "refused",
			username = event.session.sasl_handler
				and event.session.sasl_handler.username };
	end);

	-- A signal that the cloud itself makes, in the name of a user.
	function cloud:send_signal(from, to, params)
		local stanza = st.message {
			type = "headline";
			from = self:chat_name(from) .. "@" .. host;
			to = self:chat_name(to) .. "@" .. host;
			id = id.medium();
		};

		stanza:tag("extraParams");
		add_params(stanza, params);
		stanza:reset();

		local entry = describe(stanza);

		entry.fate = "sent";
		entry.by_cloud = true;
		self.signals:add(entry);
		deliver(prosody.hosts[host], stanza);
	end

	-- Any well-formed stanza, straight to every session of a user.
	function cloud:inject(user, text)
		local stanza, err = xml.parse(text);
		local count = 0;

		if not stanza then
			return nil, err;
		end
		if stanza.attr.xmlns == "jabber:client" then
			stanza.attr.xmlns = nil;
		end
		for _, session in ipairs(self:online(user)) do
			local copy = st.clone(stanza);

			copy.attr.to = copy.attr.to or session.full_jid;
			session.send(copy);
			count = count + 1;
		end
		return count;
	end

	-- Bytes as they are, as one WebSocket message.
	function cloud:inject_raw(user, bytes)
		local count = 0;

		for _, session in ipairs(self:online(user)) do
			session.conn:write(session.filter("bytes/out", bytes));
			count = count + 1;
		end
		return count;
	end

	-- Sessions of a user, or of everybody.
	function cloud:online(user)
		local found = array();

		for name, account in pairs(prosody.hosts[host].sessions) do
			if not user or self:chat_name(user) == name then
				for _, session in pairs(account.sessions) do
					found[#found + 1] = session;
				end
			end
		end
		return found;
	end

	-- Lose the link: "close" it without a good-bye, or "freeze" it so that
	-- nothing passes either way and nobody is told.
	function cloud:drop(user, how)
		local sessions = self:online(user);

		for _, session in ipairs(sessions) do
			if how == "freeze" then
				local function swallow() end

				filters.add_filter(session, "bytes/in",
						   swallow, 1000);
				filters.add_filter(session, "bytes/out",
						   swallow, 1000);
			else
				session.conn:close();
			end
		end
		return #sessions;
	end
end
