-- Puts webhooks into the inbox, due at once, and their alerts into the ledger, each as long as there is room.
--
-- KEYS[1] the partition `inbox`.
-- ARGV    now, the most webhooks that may wait, how many come, then each: id, its alerts, indexed, value.
-- Returns {word of each…, kind, due, …}: `done`, `full`, or `taken`: another webhook has this id.
local limit, count = tonumber(take()), tonumber(take())
local words = {}
for i = 1, count do
  local id, alerts, indexed, value = take(), take(), take(), take()
  local stored = redis.call('HGET', key('r', id), 'value')
  if wasDone(id) or stored == value then
    touch()
    words[i] = 'done'
  elseif stored then
    words[i] = 'taken'
  elseif redis.call('ZCARD', key('k', 'inbox')) >= limit then
    words[i] = 'full'
  else
    put({ id = id, kind = 'inbox', version = 1, due = digits(now), callerMs = now, release = false, indexed = indexed, value = value, op = id })
    addToCount('ledger/accepted', alerts)
    addToCount('ledger/pending', alerts)
    markDone(id)
    changed()
    words[i] = 'done'
  end
end
return answer(unpack(words))
