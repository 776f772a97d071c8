-- The port's commit: if every guard holds and every entry number is free, makes all changes; else none. Nothing is written before all was looked at.
--
-- KEYS[1] the partition.
-- ARGV    now, the caller's time, attempt, op id, the op id as JSON,
--         how many guards, then each: `absent` id | `seq` id seq | `held` id epoch seq | `room` count add limit
--         how many changes, then each:
--           `put` id kind version due|'' release|'' indexed value | `delete` id | `append` journal how many, then n and text each
--           `count` id add | `mail` to key value | `read` reader order | `wake` id at|''
-- Returns {'done', kind, due, …} with what became due, or {'fenced'|'conflict'|'full', number of the guard, from 0; -1: an entry number}.
local callerMs, attempt, op, opJson = tonumber(take()), take(), take(), take()

if wasDone(attempt) then
  touch()
  return { 'done' }
end

local guards = {}
for i = 1, tonumber(take()) do
  local guard = { is = take(), id = take() }
  if guard.is == 'seq' then guard.seq = take() end
  if guard.is == 'held' then guard.epoch, guard.seq = take(), take() end
  if guard.is == 'room' then guard.add, guard.limit = take(), take() end
  guards[i] = guard
end

local changes = {}
for i = 1, tonumber(take()) do
  local change = { what = take(), id = take() }
  if change.what == 'put' then
    change.kind, change.version, change.due, change.release = take(), take(), take(), take()
    change.indexed, change.value, change.op, change.callerMs = take(), take(), op, callerMs
    if change.due == '' then change.due = false end
    change.release = change.release == '1'
  elseif change.what == 'append' then
    change.entries = {}
    for j = 1, tonumber(take()) do change.entries[j] = { n = take(), text = take() } end
  elseif change.what == 'count' then
    change.add = take()
  elseif change.what == 'mail' then
    change.key, change.value = take(), take()
  elseif change.what == 'read' then
    change.upTo = take()
  elseif change.what == 'wake' then
    change.at = take()
  end
  changes[i] = change
end

local function refusal(guard)
  if guard.is == 'room' then
    local total = tonumber(redis.call('HGET', key('counts'), guard.id) or 0)
    if total + tonumber(guard.add) > tonumber(guard.limit) then return 'full' end
    return nil
  end
  local record = redis.call('HMGET', key('r', guard.id), 'seq', 'epoch', 'owner')
  local seq, epoch, owner = record[1], record[2], record[3]
  if guard.is == 'absent' then return seq and 'conflict' or nil end
  if guard.is == 'seq' then return seq ~= guard.seq and 'conflict' or nil end
  -- Without an owner the lease was given back.
  return (not owner or epoch ~= guard.epoch or seq ~= guard.seq) and 'fenced' or nil
end

local function entryAt(journal, n)
  return redis.call('ZRANGEBYSCORE', key('j', journal), n, n)[1]
end

local function takesNumber()
  local seen = {}
  for _, change in ipairs(changes) do
    for _, entry in ipairs(change.entries or {}) do
      local name = entry.n .. ' ' .. change.id
      if seen[name] or entryAt(change.id, entry.n) then return true end
      seen[name] = true
    end
  end
  return false
end

-- An op id is written only together with everything else of its commit: one place that carries it proves that all was stored, and the answer got lost.
local function isMine()
  for _, guard in ipairs(guards) do
    if guard.is ~= 'room' and redis.call('HGET', key('r', guard.id), 'op') == op then return true end
  end
  for _, change in ipairs(changes) do
    if change.what == 'put' and redis.call('HGET', key('r', change.id), 'op') == op then return true end
    for _, entry in ipairs(change.entries or {}) do
      local stored = entryAt(change.id, entry.n)
      local head = entry.n .. ' ' .. opJson .. '\n'
      if stored and string.sub(stored, 1, #head) == head then return true end
    end
  end
  return false
end

local function refuse(kind, number)
  if not isMine() then return { kind, number } end
  touch()
  return { 'done' }
end

for number, guard in ipairs(guards) do
  local kind = refusal(guard)
  if kind then return refuse(kind, number - 1) end
end
if takesNumber() then return refuse('conflict', -1) end
if #changes == 0 then return { 'done' } end

for _, change in ipairs(changes) do
  local id = change.id
  if change.what == 'put' then
    put(change)
  elseif change.what == 'delete' then
    remove(id)
  elseif change.what == 'append' then
    for _, entry in ipairs(change.entries) do redis.call('ZADD', key('j', id), entry.n, entry.text) end
  elseif change.what == 'count' then
    addToCount(id, change.add)
  elseif change.what == 'mail' then
    if redis.call('HEXISTS', key('mv', id), change.key) == 0 then
      redis.call('ZADD', key('m', id), redis.call('HINCRBY', key('meta'), 'mail', 1), change.key)
      redis.call('HSET', key('mv', id), change.key, digits(now) .. ' ' .. change.value)
    end
    wake(id, now)
  elseif change.what == 'read' then
    for _, read in ipairs(redis.call('ZRANGEBYSCORE', key('m', id), '-inf', change.upTo)) do redis.call('HDEL', key('mv', id), read) end
    redis.call('ZREMRANGEBYSCORE', key('m', id), '-inf', change.upTo)
  elseif change.what == 'wake' then
    wake(id, change.at == '' and now or tonumber(change.at))
  end
end
-- A record that has unread mail is due: no mail falls between a reader's last look and its release.
for _, change in ipairs(changes) do
  if change.what == 'put' and redis.call('EXISTS', key('m', change.id)) == 1 then wake(change.id, now) end
end
markDone(attempt)
changed()
return answer('done')
