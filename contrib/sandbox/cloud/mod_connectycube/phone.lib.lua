-- Makes the demo phone place a call: one command to baresip's ctrl_tcp, which
-- speaks JSON in netstrings ("LENGTH:JSON,").

local json = require "util.json";
local server = require "net.server";
local timer = require "util.timer";

local TIMEOUT = 5;  -- [s]

-- options: { port, dial = SIP URI } or nil when there is no phone
-- Returns call(done), where done(err) is called once.
return function (options)
	if not options then
		return nil;
	end

	local command = json.encode {
		command = "dial";
		params = options.dial;
		token = "sandbox";
	};

	return function (done)
		local connection, timeout;
		local buffer = "";

		local function finish(err)
			local handler = done;

			done = nil;
			if handler then
				timer.stop(timeout);
				connection:close();
				handler(err);
			end
		end

		-- Events of the phone come mixed with the answer.
		local function next_message()
			local length, start = buffer:match("^(%d+):()");

			length = tonumber(length);
			if not length or #buffer < start + length then
				return nil;
			end

			local text = buffer:sub(start, start + length - 1);

			buffer = buffer:sub(start + length + 1);
			return json.decode(text) or {};
		end

		connection = server.addclient("127.0.0.1", options.port, {
			onconnect = function (conn)
				conn:write(#command .. ":" .. command .. ",");
			end;
			onincoming = function (_, data)
				buffer = buffer .. data;
				for message in next_message do
					if message.token == "sandbox" then
						finish(not message.ok
							and "the phone refused"
							or nil);
						return;
					end
				end
			end;
			ondisconnect = function ()
				finish("the phone is not there");
			end;
		}, "*a");

		timeout = timer.add_task(TIMEOUT, function ()
			finish("the phone does not answer");
		end);
	end
end
