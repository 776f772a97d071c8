-- One page of places, in the order of lists, of records that pass every filter.
--
-- KEYS[1] the partition.
-- ARGV    now, the sorted set to walk, where to begin (a bound of ZRANGEBYLEX), 1 for newest first or '', the most to look at, the most to tell,
--         kind, how many filters, then each: field, how many values, values…
-- Returns {the last place looked at or '' at the end, places…}.
local source, from, newestFirst, look, most, kind = take(), take(), take() == '1', tonumber(take()), tonumber(take()), take()
local filters = {}
for i = 1, tonumber(take()) do
  local filter = { field = take(), values = {} }
  for j = 1, tonumber(take()) do filter.values[j] = take() end
  filters[i] = filter
end

local function passes(member)
  for _, filter in ipairs(filters) do
    local found = false
    for _, value in ipairs(filter.values) do
      if redis.call('ZSCORE', key('f', kind, filter.field, value), member) then
        found = true
        break
      end
    end
    if not found then return false end
  end
  return true
end

local page
if newestFirst then
  page = redis.call('ZREVRANGEBYLEX', key(source), from, '-', 'LIMIT', 0, look)
else
  page = redis.call('ZRANGEBYLEX', key(source), from, '+', 'LIMIT', 0, look)
end
local reply = { #page < look and '' or page[#page] }
for _, member in ipairs(page) do
  if passes(member) then reply[#reply + 1] = member end
  if #reply > most then
    reply[1] = member
    break
  end
end
return reply
