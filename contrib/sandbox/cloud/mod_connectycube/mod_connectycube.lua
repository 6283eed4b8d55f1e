-- The sandbox cloud: ConnectyCube's REST API, the page and the tests' fault
-- injection, in the process of the XMPP server they belong to.
--
--    browser, bridge ---- http(s) ---+--- GET /        XMPP over WebSocket,
--                                    |                 or the page
--                                    +--- /page /sdk   static files
--                                    +--- *.json       rest.lib.lua
--                                    +--- /sandbox     control.lib.lua
--
--    modules_enabled = { "connectycube", "websocket", ... }
--    authentication = "connectycube"
--    sandbox_users = "DIR/users.json"      -- application, users
--    sandbox_page = "DIR/page"             -- the page's files
--    sandbox_sdk = "DIR/connectycube/dist" -- the SDK's browser build
--    sandbox_extension = 200               -- user id the page calls
--    sandbox_phone = { port = 4444, dial = "sip:1000@127.0.0.1:5060" }

module:depends("http");
module:depends("websocket");

local serve = require "net.http.files".serve;
local http_server = require "net.http.server";

local mime_map = {
	html = "text/html; charset=utf-8";
	js = "text/javascript; charset=utf-8";
	css = "text/css; charset=utf-8";
	svg = "image/svg+xml";
	map = "application/json";
};

local load_file = module:require("state");

cloud = load_file(module:get_option_string("sandbox_users"));  -- exported

module:require("chat")(cloud);
module:require("activity")(cloud);
module:require("rest")(cloud);
module:require("control")(cloud, {
	call_phone = module:require("phone")(module:get_option("sandbox_phone"));
	extension = module:get_option_number("sandbox_extension");
});

-- The WebSocket and the page share "/", as on the real cloud the WebSocket
-- has it; a browser's plain GET is sent on to the page.
local function root(event)
	local request, response = event.request, event.response;

	if not request.headers.sec_websocket_key then
		local query = request.url.query;

		response.headers.location = "/page/"
			.. (query and "?" .. query or "");
		return 302;
	end

	if cloud:chat_refused() then
		return 503;
	end
end

local root_event = "GET " .. module.host .. "/";

module:hook_object_event(http_server, root_event, root, 10);

module:provides("http", {
	name = "page";
	default_path = "/page";
	route = {
		["GET /*"] = serve {
			path = module:get_option_string("sandbox_page");
			mime_map = mime_map;
		};
	};
});

module:provides("http", {
	name = "sdk";
	default_path = "/sdk";
	route = {
		["GET /*"] = serve {
			path = module:get_option_string("sandbox_sdk");
			mime_map = mime_map;
		};
	};
});
