-- What the sandbox cloud knows: application, users, REST sessions, faults
-- that were asked for, and journals of what passed. No I/O but the users file.

local array = require "util.array";
local json = require "util.json";
local hashes = require "util.hashes";
local hex = require "util.hex";
local now = require "util.time".now;
local random_bytes = require "util.random".bytes;

local journal = module:require("journal");

local TOKEN_LIFETIME = 2 * 3600;  -- [s], prolonged by every request

local cloud = {};
cloud.__index = cloud;

local function random_id()
	return tonumber(hex.to(random_bytes(4)), 16) % 0x7fffffff;
end

-- Users ---------------------------------------------------------------------

function cloud:add_user(user)
	assert(math.type(user.id) == "integer", "user without integer id");
	self.users[user.id] = user;
	if user.login then
		self.by_name[user.login] = user;
	end
	if user.email then
		self.by_name[user.email] = user;
	end
end

-- By id (number or digits), login or e-mail address.
function cloud:find_user(key)
	return self.users[math.tointeger(tonumber(key))]
		or self.by_name[tostring(key)];
end

-- The user of a chat user name <userId>-<appId>.
function cloud:chat_user(username)
	local id, app = username:match("^(%d+)%-(%d+)$");

	if id and tonumber(app) == self.application.id then
		return self.users[tonumber(id)];
	end
end

function cloud:chat_name(user)
	return ("%d-%d"):format(user.id, self.application.id);
end

function cloud:chat_usernames()
	local id;

	return function ()
		local user;

		id, user = next(self.users, id);
		return user and self:chat_name(user);
	end
end

-- REST sessions ---------------------------------------------------------------

function cloud:new_session(user)
	local session = {
		token = hex.to(random_bytes(20));
		_id = hex.to(random_bytes(12));
		id = random_id();
		nonce = 0;
		created = os.time();
		user = user;
	};

	self.tokens[session.token] = session;
	self:touch(session);
	return session;
end

function cloud:touch(session)
	session.expires = os.time() + TOKEN_LIFETIME;
	session.updated = os.time();
end

function cloud:session(token)
	local session = token and self.tokens[token];

	if session and session.expires > os.time() then
		return session;
	end
end

function cloud:end_session(session)
	self.tokens[session.token] = nil;
end

-- Expire one token, those of one user, or all; returns how many.
function cloud:expire(token, user)
	local count = 0;

	for _, session in pairs(self.tokens) do
		if (not token or session.token == token)
		and (not user or session.user == user) then
			session.expires = 0;
			count = count + 1;
		end
	end
	return count;
end

-- Logins ----------------------------------------------------------------------

-- via: "rest" or "sasl"
function cloud:login_refused(via, user)
	local refused = self.faults.login[via];

	return refused.all or user and refused[user.id] or false;
end

function cloud:check_rest_password(user, password)
	return user and password and (user.password == password
		or user.external_token == password);
end

function cloud:check_chat_password(username, password)
	local user = self:chat_user(username);

	if not user or self:login_refused("sasl", user) then
		return false;
	end
	if user.password == password then
		return true;
	end
	local session = self:session(password);
	return session ~= nil and session.user == user;
end

-- The signature of a request: HMAC-SHA1 over its parameters, sorted.
function cloud:signature(body)
	local parts = {};

	for key, value in pairs(body) do
		if type(value) == "table" then
			for inner, v in pairs(value) do
				parts[#parts + 1] = ("%s[%s]=%s")
					:format(key, inner, v);
			end
		elseif key ~= "signature" then
			parts[#parts + 1] = ("%s=%s"):format(key, value);
		end
	end
	table.sort(parts);
	return hashes.hmac_sha1(self.application.auth_secret,
				table.concat(parts, "&"), true);
end

-- Faults ----------------------------------------------------------------------

function cloud:reset()
	self.held = {};            -- signals that wait: function () each
	self.faults = {
		login = { rest = {}, sasl = {} };
		rest = array();    -- { path, status, delay_ms, times, ... }
		stanza = array();  -- { from, to, type, delay_ms, drop, hold, times }
		refuse_until = 0;  -- [s]
	};
end

-- Let the signals go that were held, in their order.
function cloud:release()
	local held = self.held;

	self.held = {};
	for _, deliver in ipairs(held) do
		deliver();
	end
	return #held;
end

function cloud:chat_refused()
	return now() < self.faults.refuse_until;
end

-- The first rule that matches; used up after its "times".
function cloud:take_fault(list, matches)
	for i, rule in ipairs(list) do
		if matches(rule) then
			if rule.times then
				rule.times = rule.times - 1;
				if rule.times <= 0 then
					table.remove(list, i);
				end
			end
			return rule;
		end
	end
end

return function (path)
	local self = setmetatable({
		users = {};      -- by id
		by_name = {};    -- by login and by e-mail address
		tokens = {};     -- REST sessions by token
		signals = journal();   -- headline messages
		pushes = journal();    -- events.json
		requests = journal();  -- REST requests
		events = journal();    -- chat sessions that came and went
	}, cloud);

	local file = assert(io.open(path));
	local config = assert(json.decode(file:read("a")));

	file:close();
	self.application = config.application;
	for _, user in ipairs(config.users) do
		self:add_user(user);
	end
	self:reset();
	return self;
end
