-- Puts in what another store held: records with their numbers and times as they were and without leases, mail, entries and counts.
--
-- KEYS[1] the partition; nothing else writes to it meanwhile.
-- ARGV    now, attempt, then each:
--           `record` id kind version seq epoch due|'' op created updated indexed value
--           `mail` reader key ms value | `entry` journal n text | `count` id total
-- Returns {how many were put in}.
local attempt, loaded = take(), 0
if wasDone(attempt) then
  touch()
  return { 0 }
end
while arg < #ARGV do
  local what, id = take(), take()
  if what == 'record' then
    local kind, version, seq, epoch, due, op, created, updated, indexed, value = take(), take(), take(), take(), take(), take(), take(), take(), take(), take()
    local member = place(created, id)
    redis.call('HSET', key('r', id), 'kind', kind, 'version', version, 'seq', seq, 'epoch', epoch, 'op', op, 'created', created, 'updated', updated, 'indexed', indexed, 'value', value)
    redis.call('ZADD', key('k', kind), 0, member)
    for name, text in pairs(cjson.decode(indexed)) do addField(kind, name, text, member) end
    if due ~= '' then
      redis.call('HSET', key('r', id), 'due', due)
      schedule(kind, member, due, false)
    end
    redis.call('HINCRBY', key('meta'), 'records', 1)
  elseif what == 'mail' then
    local letter, ms, value = take(), take(), take()
    redis.call('ZADD', key('m', id), redis.call('HINCRBY', key('meta'), 'mail', 1), letter)
    redis.call('HSET', key('mv', id), letter, ms .. ' ' .. value)
  elseif what == 'entry' then
    redis.call('ZADD', key('j', id), take(), take())
  elseif what == 'count' then
    redis.call('HSET', key('counts'), id, take())
  end
  loaded = loaded + 1
end
markDone(attempt)
changed()
return { loaded }
