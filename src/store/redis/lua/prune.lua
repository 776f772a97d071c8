-- Removes records that nobody put since a time, with their mail and journals: those among the named that still are so old.
--
-- KEYS[1] the partition.
-- ARGV    now, kind, ms before which the last put must lie, the most to remove, ids…
-- Returns {how many were removed}.
local kind, before, most = take(), tonumber(take()), tonumber(take())
local removed = 0
while arg < #ARGV and removed < most do
  local id = take()
  local record = redis.call('HMGET', key('r', id), 'kind', 'updated')
  if record[1] == kind and tonumber(record[2]) < before then
    remove(id)
    redis.call('DEL', key('j', id))
    removed = removed + 1
  end
end
if removed > 0 then changed() end
return { removed }
