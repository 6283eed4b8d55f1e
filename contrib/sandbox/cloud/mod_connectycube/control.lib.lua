-- /sandbox: what tests use to watch the cloud and to make it fail. Answers on
-- loopback only; a POST must be declared JSON, which no foreign web page can
-- do without asking first.

local array = require "util.array";
local now = require "util.time".now;

local reply = module:require("reply");

local LOOPBACK = { ["127.0.0.1"] = true, ["::1"] = true,
	["::ffff:127.0.0.1"] = true };

local function query_of(request)
	local query = {};

	for _, pair in ipairs(reply.query(request)) do
		query[pair.name] = pair.value;
	end
	return query;
end

return function (cloud, options)
	local get, post = {}, {};

	-- The user a body names; an unknown one is an error, none is nil.
	local function named_user(body)
		if body.user == nil then
			return nil;
		end
		return assert(cloud:find_user(body.user), "unknown user");
	end

	-- What the page needs to configure the SDK.
	function get.config()
		return {
			app_id = cloud.application.id;
			auth_key = cloud.application.auth_key;
			chat_domain = module.host;
			extension = options.extension;
			phone = options.call_phone ~= nil;
		};
	end

	function get.online()
		local list = array();

		for _, session in ipairs(cloud:online()) do
			list[#list + 1] = {
				jid = session.full_jid;
				user = cloud:chat_user(session.username).id;
				available = session.presence ~= nil;
				show = session.presence
					and session.presence:get_child_text("show");
				since = math.floor(session.conntime or 0);
			};
		end
		return list;
	end

	function get.sessions()
		local list = array();

		for token, session in pairs(cloud.tokens) do
			list[#list + 1] = {
				token = token;
				user = session.user and session.user.id;
				live = cloud:session(token) ~= nil;
			};
		end
		return list;
	end

	-- { user?, via? = "rest" | "sasl", refuse = true | false }
	function post.login(body)
		local user = named_user(body);

		for via, refused in pairs(cloud.faults.login) do
			if not body.via or body.via == via then
				refused[user and user.id or "all"] =
					body.refuse ~= false;
			end
		end
		return {};
	end

	-- { token?, user? }
	function post.expire(body)
		return { expired = cloud:expire(body.token, named_user(body)) };
	end

	-- { path?, status?, delay_ms?, retry_after?, times? }
	function post.rest(body)
		table.insert(cloud.faults.rest, body);
		return {};
	end

	-- { from?, to?, type?, delay_ms?, drop?, hold?, times? }
	function post.stanza(body)
		table.insert(cloud.faults.stanza, body);
		return {};
	end

	-- what was held goes on
	function post.release()
		return { released = cloud:release() };
	end

	-- { user?, how? = "close" | "freeze" }
	function post.drop(body)
		return { dropped = cloud:drop(named_user(body), body.how) };
	end

	-- { seconds }
	function post.refuse(body)
		cloud.faults.refuse_until = now() + assert(body.seconds);
		return {};
	end

	-- { user, xml } or { user, raw }
	function post.inject(body)
		local user = assert(named_user(body), "user missing");

		if body.raw then
			return { sent = cloud:inject_raw(user, body.raw) };
		end
		return { sent = assert(cloud:inject(user, body.xml)) };
	end

	-- { users = [ ... ] }
	function post.users(body)
		for _, user in ipairs(body.users) do
			cloud:add_user(user);
		end
		return {};
	end

	function post.reset()
		cloud:reset();
		return {};
	end

	local function guard(handler)
		return function (event)
			local request, response = event.request, event.response;

			if not LOOPBACK[request.ip] then
				return 403;
			end
			if request.method == "POST"
			and not (request.headers.content_type or "")
				:find("^application/json") then
				return 415;
			end

			local body = reply.body(request) or {};
			local ok, result = pcall(handler, body, request,
						 response);

			if not ok then
				return reply.send(response, 400,
					{ error = tostring(result) });
			end
			return result == true
				or reply.send(response, 200, result);
		end
	end

	-- ?since=SEQ&wait=MS: what came after SEQ; waits for it if need be
	local function journal_route(journal)
		return function (_, request, response)
			local query = query_of(request);

			journal:read(tonumber(query.since) or 0,
				tonumber(query.wait) or 0, function (entries)
				reply.send(response, 200,
					{ last = journal.last,
					entries = entries });
			end);
			return true;
		end
	end

	for _, name in ipairs { "signals", "pushes", "requests", "events" } do
		get[name] = journal_route(cloud[name]);
	end

	local route = {};

	for name, handler in pairs(get) do
		route["GET /" .. name] = guard(handler);
	end
	for name, handler in pairs(post) do
		route["POST /" .. name] = guard(handler);
	end

	-- The demo phone calls the extension; answers when it has started to.
	if options.call_phone then
		route["POST /phone/call"] = guard(function (_, _, response)
			options.call_phone(function (err)
				if err then
					reply.send(response, 502,
						{ error = err });
				else
					reply.send(response, 200, {});
				end
			end);
			return true;
		end);
	end

	module:provides("http", {
		name = "sandbox";
		default_path = "/sandbox";
		route = route;
	});
end
