-- HEP 3, for tshark, which has it not. The chunks are those of the protocol's
-- specification, revision 12; SIP within is read by tshark's own dissector.
--
--     tshark -X lua_script:hep.lua -r FILE -d udp.port==9060,hep3

local hep = Proto("hep3", "Homer Encapsulation Protocol 3")
local chunks = {
	[0x01] = {ProtoField.uint8("hep.family", "Address family"), 1},
	[0x02] = {ProtoField.uint8("hep.proto", "IP protocol"), 1},
	[0x03] = {ProtoField.ipv4("hep.src", "Source"), 4},
	[0x04] = {ProtoField.ipv4("hep.dst", "Destination"), 4},
	[0x05] = {ProtoField.ipv6("hep.src6", "Source"), 16},
	[0x06] = {ProtoField.ipv6("hep.dst6", "Destination"), 16},
	[0x07] = {ProtoField.uint16("hep.sport", "Source port"), 2},
	[0x08] = {ProtoField.uint16("hep.dport", "Destination port"), 2},
	[0x09] = {ProtoField.uint32("hep.sec", "Seconds"), 4},
	[0x0a] = {ProtoField.uint32("hep.usec", "Microseconds"), 4},
	[0x0b] = {ProtoField.uint8("hep.type", "Payload type"), 1},
	[0x0c] = {ProtoField.uint32("hep.agent", "Capture agent"), 4},
	[0x0e] = {ProtoField.string("hep.key", "Authentication key")},
	[0x0f] = {ProtoField.string("hep.payload", "Payload")},
	[0x11] = {ProtoField.string("hep.cid", "Correlation id")},
	[0x13] = {ProtoField.string("hep.node", "Node name")},
}
local wrong = ProtoField.string("hep.wrong", "Wrong")

hep.fields = {wrong}
for _, chunk in pairs(chunks) do
	table.insert(hep.fields, chunk[1])
end

function hep.dissector(buf, pinfo, tree)
	local sub = tree:add(hep, buf())
	local pos, kind = 6, 0

	if buf:len() < 6 or buf(0, 4):string() ~= "HEP3" then
		sub:add(wrong, "no HEP3")
		return
	end
	if buf(4, 2):uint() ~= buf:len() then
		sub:add(wrong, "length")
		return
	end

	while pos + 6 <= buf:len() do
		local vendor = buf(pos, 2):uint()
		local chunk = chunks[buf(pos + 2, 2):uint()]
		local len = buf(pos + 4, 2):uint()

		if len < 6 or pos + len > buf:len() or vendor ~= 0 or not chunk
			or (chunk[2] and chunk[2] ~= len - 6) then
			sub:add(wrong, "chunk at " .. pos)
			return
		end

		if len > 6 then
			sub:add(chunk[1], buf(pos + 6, len - 6))
		end
		if buf(pos + 2, 2):uint() == 0x0b then
			kind = buf(pos + 6, 1):uint()
		elseif buf(pos + 2, 2):uint() == 0x0f and kind == 1 then
			Dissector.get("sip"):call(buf(pos + 6, len - 6):tvb(),
				pinfo, tree)
		end
		pos = pos + len
	end

	if pos ~= buf:len() then
		sub:add(wrong, "what is behind the last chunk")
	end
end

DissectorTable.get("udp.port"):add_for_decode_as(hep)
