-- Compares one page of records with the sets that find them, and one page of the sets with the records.
--
-- KEYS[1] the partition.
-- ARGV    now, `record` and kind, or `free` or `held` and kind; where to begin, the most to look at.
-- Returns {where the next page begins or '' at the end, sentences…}.
local what, kind, start, most = take(), take(), tonumber(take()), tonumber(take())
local source = what == 'record' and key('k', kind) or key(what, kind)
local page = redis.call('ZRANGE', source, start, start + most - 1)
local reply = { #page < most and '' or tostring(start + most) }
local function problem(id, words)
  reply[#reply + 1] = kind .. ' ' .. id .. ' ' .. words
end

for _, member in ipairs(page) do
  local id = string.sub(member, 16)
  local r = redis.call('HMGET', key('r', id), 'kind', 'created', 'due', 'lease', 'owner', 'seq', 'epoch', 'indexed')
  if r[1] ~= kind or place(r[2] or 0, id) ~= member then
    problem(id, 'is listed and is not there')
  elseif what == 'record' then
    if tonumber(r[6]) < 1 or tonumber(r[7]) < 0 or (not r[4]) ~= (not r[5]) then problem(id, 'has an impossible seq, epoch or lease') end
    for field, value in pairs(cjson.decode(r[8])) do
      if not redis.call('ZSCORE', key('f', kind, field, value), member) then problem(id, 'is not found by its field ' .. field) end
    end
    if r[3] and not redis.call('ZSCORE', key(r[4] and 'held' or 'free', kind), member) then problem(id, 'is due and would not be claimed') end
  elseif not r[3] or (what == 'held') ~= (r[4] and true or false) then
    problem(id, 'would be claimed and is not due, or is held by nobody')
  end
end
return reply
