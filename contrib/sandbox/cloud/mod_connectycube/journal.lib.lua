-- An append-only list of what happened, numbered and stamped, that readers can
-- wait on: a test asks for what came after number N and is answered as soon as
-- there is something.

local array = require "util.array";
local now = require "util.time".now;
local timer = require "util.timer";

local LIMIT = 10000;  -- entries kept

local journal = {};
journal.__index = journal;

function journal:add(entry)
	self.last = self.last + 1;
	entry.seq = self.last;
	entry.ms = math.floor(now() * 1000);
	self.entries[#self.entries + 1] = entry;
	if #self.entries > LIMIT then
		table.remove(self.entries, 1);
	end

	local waiting = self.waiting;

	self.waiting = {};
	for waiter in pairs(waiting) do
		waiter();
	end
	return entry;
end

function journal:since(seq)
	local found = array();

	for _, entry in ipairs(self.entries) do
		if entry.seq > seq then
			found[#found + 1] = entry;
		end
	end
	return found;
end

-- Call done(entries) when there is an entry after seq, or with none after
-- wait_ms.
function journal:read(seq, wait_ms, done)
	local timeout;

	if self.last > seq or wait_ms <= 0 then
		return done(self:since(seq));
	end

	local function waiter()
		self.waiting[waiter] = nil;
		timer.stop(timeout);
		done(self:since(seq));
	end

	self.waiting[waiter] = true;
	timeout = timer.add_task(wait_ms / 1000, waiter);
end

return function ()
	return setmetatable({ last = 0, entries = {}, waiting = {} }, journal);
end
