-- ConnectyCube's REST API, as far as apps and the bridge use it for calls.

local array = require "util.array";
local datetime = require "util.datetime".datetime;
local id = require "util.id";
local json = require "util.json";
local timer = require "util.timer";

local reply = module:require("reply");

local PAGE_MAX = 100;  -- users a page

-- Fields of a user as the cloud shows them; null when there is none.
local USER_FIELDS = { "full_name", "email", "login", "phone", "website",
	"external_user_id", "facebook_id", "twitter_id", "blob_id",
	"custom_data", "user_tags", "avatar", "external_id", "timezone" };

-- Fields users can be looked up by.
local LOOKUPS = { id = true, login = true, email = true, phone = true,
	full_name = true, external_id = true, user_tags = true };

local EPOCH = "2024-01-01T00:00:00Z";

local function base_error(text)
	return { errors = { base = array { text } } };
end

local function show_user(user)
	local shown = {
		id = user.id;
		created_at = EPOCH;
		updated_at = EPOCH;
		last_request_at = datetime();
		is_guest = false;
	};

	for _, field in ipairs(USER_FIELDS) do
		local value = user[field];

		shown[field] = value == nil and json.null or value;
	end
	return shown;
end

local function show_session(cloud, session)
	return { session = {
		_id = session._id;
		id = session.id;
		application_id = cloud.application.id;
		token = session.token;
		user_id = session.user and session.user.id or 0;
		ts = session.created;
		nonce = session.nonce;
		created_at = datetime(session.created);
		updated_at = datetime(session.updated);
		user = session.user and show_user(session.user) or nil;
	} };
end

-- The user that credentials are for, or nothing when they are wrong.
local function login(cloud, credentials)
	local user = cloud:find_user(credentials.login
		or credentials.email or "");

	if cloud:login_refused("rest", user)
	or not cloud:check_rest_password(user, credentials.password) then
		return;
	end
	return user;
end

local function create_session(cloud, request)
	local body = reply.body(request);
	local app = cloud.application;
	local user;

	if not body then
		return 400, base_error("Bad request");
	end
	if tonumber(body.application_id) ~= app.id
	or body.auth_key ~= app.auth_key then
		return 422, base_error("No application found");
	end
	if app.auth_secret then
		for _, name in ipairs { "timestamp", "nonce", "signature" } do
			if not body[name] then
				return 422, { errors = { [name] =
					array { "is required" } } };
			end
		end
		if body.signature ~= cloud:signature(body) then
			return 422, base_error("Unexpected signature");
		end
	end
	if type(body.user) == "table" then
		user = login(cloud, body.user);
		if not user then
			return 401, { errors = array { "Unauthorized" } };
		end
	end

	local session = cloud:new_session(user);

	session.nonce = tonumber(body.nonce) or 0;
	return 201, show_session(cloud, session);
end

local function show_own_session(cloud, _, session)
	return 200, show_session(cloud, session);
end

local function delete_session(cloud, _, session)
	cloud:end_session(session);
	return 200;
end

local function upgrade_session(cloud, request, session)
	local user = login(cloud, reply.body(request) or {});

	if not user then
		return 401, { errors = array { "Unauthorized" } };
	end
	session.user = user;
	return 202, { user = show_user(user) };
end

local function downgrade_session(_, _, session)
	session.user = nil;
	return 200;
end

-- Filters of a users query: field=1, field[in]=1,2 or field[in][]=1.
local function read_filters(query)
	local filters, limit, offset = {}, 10, 0;

	for _, pair in ipairs(query) do
		local field = pair.name:match("^[%w_]+");

		if pair.name == "limit" then
			limit = tonumber(pair.value) or limit;
		elseif pair.name == "offset" or pair.name == "skip" then
			offset = tonumber(pair.value) or offset;
		elseif LOOKUPS[field] then
			local wanted = filters[field] or {};

			filters[field] = wanted;
			for value in pair.value:gmatch("[^,]+") do
				wanted[value] = true;
			end
		end
	end
	return filters, math.min(limit, PAGE_MAX), offset;
end

local function list_users(cloud, request)
	local filters, limit, offset = read_filters(reply.query(request));
	local found, items = {}, array();

	for _, user in pairs(cloud.users) do
		local all = true;

		for field, wanted in pairs(filters) do
			all = all and wanted[tostring(user[field])];
		end
		if all then
			found[#found + 1] = user;
		end
	end
	table.sort(found, function (a, b) return a.id < b.id; end);
	for i = offset + 1, math.min(offset + limit, #found) do
		items[#items + 1] = show_user(found[i]);
	end
	return 200, { limit = limit, skip = offset, total_entries = #found,
		items = items };
end

local function reject_call(cloud, request, session)
	local body = reply.body(request);
	local to = body and cloud:find_user(body.recipientId);

	if not to or not body.sessionID then
		return 422, base_error("Wrong arguments");
	end
	cloud:send_signal(session.user, to, {
		{ "moduleIdentifier", "WebRTCVideoChat" },
		{ "signalType", "reject" },
		{ "sessionID", body.sessionID },
		{ "platform", body.platform or "web" },
		{ "userInfo", body.userInfo },
	});
	return 200, {};
end

local function create_event(cloud, request, session)
	local body = reply.body(request);
	local event = body and body.event;

	if type(event) ~= "table" or not event.message then
		return 422, base_error("Wrong arguments");
	end
	cloud.pushes:add { from = session.user.id, event = event };

	local shown = { id = cloud.pushes.last, user_id = session.user.id };

	for name, value in pairs(event) do
		shown[name] = value;
	end
	return 201, array { { event = shown } };
end

-- The dialog of two users, made when it is first asked for; no other kind.
local function create_dialog(cloud, request, session)
	local body = reply.body(request);
	local other = body and cloud:find_user(body.occupants_ids);

	if not other or body.type ~= 3 then
		return 422, base_error("Wrong arguments");
	end

	local low = math.min(session.user.id, other.id);
	local high = math.max(session.user.id, other.id);

	return 201, {
		_id = ("%012x%012x"):format(low, high);
		type = 3;
		user_id = session.user.id;
		name = other.full_name or other.login;
		occupants_ids = array { low, high };
		created_at = EPOCH;
		updated_at = EPOCH;
	};
end

-- Method and path, handler, whether it needs a session ("user": of a user).
local ROUTES = {
	{ "POST /session.json", create_session },
	{ "GET /session.json", show_own_session, "any" },
	{ "DELETE /session.json", delete_session, "any" },
	{ "POST /login.json", upgrade_session, "any" },
	{ "DELETE /login.json", downgrade_session, "any" },
	{ "GET /users/v2.json", list_users, "user" },
	{ "POST /calls/reject.json", reject_call, "user" },
	{ "POST /events.json", create_event, "user" },
	{ "POST /chat/Dialog.json", create_dialog, "user" },
};

local function answer(cloud, request, handler, access)
	local session = cloud:session(request.headers.cb_token);

	if access and not session then
		return 401, base_error("Required session does not exist");
	end
	if access == "user" and not session.user then
		return 403, base_error("Forbidden. Need user.");
	end
	if session then
		cloud:touch(session);
	end
	return handler(cloud, request, session);
end

local function endpoint(cloud, handler, access)
	return function (event)
		local request, response = event.request, event.response;
		local fault = cloud:take_fault(cloud.faults.rest,
			function (rule)
				return not rule.path or request.path
					:find(rule.path, 1, true);
			end) or {};
		local entry = cloud.requests:add {
			method = request.method;
			path = request.path;
			query = request.url.query;
			token = request.headers.cb_token;
			body = reply.body(request);
		};

		local function finish()
			local status, data = fault.status,
				base_error("Sandbox fault");

			if not status then
				status, data = answer(cloud, request, handler,
						      access);
			end
			entry.status = status;
			reply.send(response, status, data, {
				["x-request-id"] = id.medium();
				["retry-after"] = fault.retry_after
					and tostring(fault.retry_after);
			});
		end

		if fault.delay_ms then
			timer.add_task(fault.delay_ms / 1000, finish);
		else
			finish();
		end
		return true;
	end
end

return function (cloud)
	local route = {};

	for _, entry in ipairs(ROUTES) do
		route[entry[1]] = endpoint(cloud, entry[2], entry[3]);
	end
	module:provides("http", {
		name = "api";
		default_path = "/";
		cors = {
			enabled = true;
			headers = {
				["CB-Token"] = true;
				["CB-SDK"] = true;
				["CB-AuthKey"] = true;
			};
		};
		route = route;
	});
end
