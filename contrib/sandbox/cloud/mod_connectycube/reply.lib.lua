-- JSON over HTTP: read a request's body and query, send an answer.

local json = require "util.json";
local formdecode = require "util.http".formdecode;

local reply = {};

-- The body as a table, or nil when it is not a JSON object.
function reply.body(request)
	local ok, data = pcall(json.decode, request.body or "");

	if ok and type(data) == "table" then
		return data;
	end
end

-- The query as a list of { name, value }.
function reply.query(request)
	local fields = formdecode(request.url.query or "");

	return type(fields) == "table" and fields or {};
end

function reply.send(response, status, data, headers)
	response.status_code = status;
	response.headers.content_type = "application/json; charset=utf-8";
	response.headers.cache_control = "no-store";
	for name, value in pairs(headers or {}) do
		response.headers[name] = value;
	end
	response:send(data == nil and "" or json.encode(data));
	return true;
end

return reply;
