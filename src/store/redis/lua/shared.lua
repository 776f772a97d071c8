-- What every script begins with: the keys of a partition, its time, and how a record is written.
--
-- KEYS[1] is the partition: the configured prefix and the hash tag `{partition}`. All other keys are made of it here, so they lie in its slot.
--   r:<id>                    hash: kind version seq epoch due owner lease op claim created updated indexed value
--   k:<kind>                  sorted set, every score 0, of places (<created, 15 digits><id>): lists, oldest first
--   f:<kind>:<field>:<value>  the same places: records with this indexed field
--   v:<kind>:<field>          hash: value -> how many records have it
--   free:<kind>               places by due: records that are due and that nobody holds
--   held:<kind>               places by max(due, end of the lease): records that are due and that somebody holds
--   m:<reader>                keys of unread mail by order
--   mv:<reader>               hash: key of unread mail -> "<ms> <JSON>"
--   j:<journal>               entries by n: "<n> <op id as JSON>\n[at, type, hash]\n<data>"
--   counts                    hash: count -> total
--   meta                      hash: changes, records, mail (the last order given)
--   done:<half minute>        set: attempts that were carried out
--
-- ARGV[1] is the time in ms that a test sets; empty: the server's own clock, which no two holders of a lease can disagree about.
-- JSON of values is never decoded here: an empty list would come back as an empty object.
local T = KEYS[1]
local arg = 1
local function take()
  arg = arg + 1
  return ARGV[arg]
end

local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function digits(ms)
  return string.format('%.0f', ms)
end

local function key(...)
  return T .. ':' .. table.concat({ ... }, ':')
end

local function place(created, id)
  return string.format('%015.0f', tonumber(created)) .. id
end

-- Kinds of which something became due, and the first such time: the hint for those who wait.
local woken = {}
local function note(kind, due)
  due = tonumber(due)
  if not woken[kind] or due < woken[kind] then woken[kind] = due end
end

-- Files a record under the time at which it becomes claimable.
local function schedule(kind, member, due, lease)
  if not due then
    redis.call('ZREM', key('free', kind), member)
    redis.call('ZREM', key('held', kind), member)
  elseif lease then
    redis.call('ZREM', key('free', kind), member)
    redis.call('ZADD', key('held', kind), math.max(tonumber(due), tonumber(lease)), member)
  else
    redis.call('ZREM', key('held', kind), member)
    redis.call('ZADD', key('free', kind), due, member)
  end
end

local function addField(kind, name, value, member)
  redis.call('ZADD', key('f', kind, name, value), 0, member)
  redis.call('HINCRBY', key('v', kind, name), value, 1)
end

local function removeField(kind, name, value, member)
  redis.call('ZREM', key('f', kind, name, value), member)
  if redis.call('HINCRBY', key('v', kind, name), value, -1) <= 0 then redis.call('HDEL', key('v', kind, name), value) end
end

-- Adds to a count, which starts at 0 and stops there on its way down.
local function addToCount(id, add)
  if redis.call('HINCRBY', key('counts'), id, add) <= 0 then redis.call('HDEL', key('counts'), id) end
end

-- due = min(due, at); touches neither seq, epoch nor lease.
local function wake(id, at)
  local was = redis.call('HMGET', key('r', id), 'kind', 'due', 'lease', 'created')
  local kind, due, lease, created = was[1], was[2], was[3], was[4]
  if not kind or (due and tonumber(due) <= at) then return end
  redis.call('HSET', key('r', id), 'due', digits(at))
  schedule(kind, place(created, id), at, lease)
  note(kind, at)
end

-- Makes a record, or writes over it: seq + 1, epoch and creation stay, the lease too unless it is released.
local function put(new)
  local at = key('r', new.id)
  local old = redis.call('HMGET', at, 'kind', 'created', 'indexed', 'lease')
  local kind, created, indexed, lease = old[1], old[2] or digits(now), old[3], old[4]
  local member = place(created, new.id)
  local due = new.due
  -- What the writer's clock calls due is due, also where that clock is ahead of this one.
  if due and tonumber(due) > now and tonumber(due) <= new.callerMs then due = digits(now) end
  if new.release then lease = false end

  if kind ~= new.kind then
    if kind then
      redis.call('ZREM', key('k', kind), member)
      schedule(kind, member, false, false)
    else
      redis.call('HINCRBY', key('meta'), 'records', 1)
    end
    redis.call('ZADD', key('k', new.kind), 0, member)
  end
  if kind ~= new.kind or indexed ~= new.indexed then
    local before, after = indexed and cjson.decode(indexed) or {}, cjson.decode(new.indexed)
    for name, value in pairs(before) do
      if kind ~= new.kind or after[name] ~= value then removeField(kind, name, value, member) end
    end
    for name, value in pairs(after) do
      if kind ~= new.kind or before[name] ~= value then addField(new.kind, name, value, member) end
    end
  end

  redis.call('HINCRBY', at, 'seq', 1)
  redis.call('HSET', at, 'kind', new.kind, 'version', new.version, 'op', new.op, 'created', created, 'updated', digits(now), 'indexed', new.indexed, 'value', new.value)
  if not kind then redis.call('HSET', at, 'epoch', 0) end
  if due then redis.call('HSET', at, 'due', due) elseif kind then redis.call('HDEL', at, 'due') end
  if new.release and kind then redis.call('HDEL', at, 'owner', 'lease', 'claim') end
  if due or kind then schedule(new.kind, member, due, lease) end
  -- What its holder keeps is nobody else's to claim.
  if due and not lease then note(new.kind, due) end
end

-- Removes a record with its mail; its journal stays.
local function remove(id)
  local old = redis.call('HMGET', key('r', id), 'kind', 'created', 'indexed')
  local kind = old[1]
  if kind then
    local member = place(old[2], id)
    redis.call('ZREM', key('k', kind), member)
    schedule(kind, member, false, false)
    for name, value in pairs(cjson.decode(old[3])) do removeField(kind, name, value, member) end
    redis.call('HINCRBY', key('meta'), 'records', -1)
  end
  redis.call('DEL', key('r', id), key('m', id), key('mv', id))
end

-- Whether an attempt was carried out already, its answer lost on the way. Kept for at least half a minute, which no repeat of ours outlives.
local HALF_MINUTE = 30000
local function wasDone(attempt)
  local bucket = math.floor(now / HALF_MINUTE)
  return redis.call('SISMEMBER', key('done', bucket), attempt) == 1 or redis.call('SISMEMBER', key('done', bucket - 1), attempt) == 1
end

local function markDone(attempt)
  local bucket = key('done', math.floor(now / HALF_MINUTE))
  redis.call('SADD', bucket, attempt)
  redis.call('PEXPIRE', bucket, 3 * HALF_MINUTE)
end

-- A repeat writes something all the same: WAIT counts from the connection's own last write, and what was lost may have come over another one.
local function touch()
  redis.call('HINCRBY', key('meta'), 'repeats', 1)
end

local function changed()
  redis.call('HINCRBY', key('meta'), 'changes', 1)
end

-- The answer of a script that wrote: its words, then kind and time of what became due.
local function answer(...)
  local reply = { ... }
  for kind, due in pairs(woken) do
    reply[#reply + 1] = kind
    reply[#reply + 1] = digits(due)
  end
  return reply
end

local RECORD = { 'kind', 'version', 'seq', 'epoch', 'due', 'owner', 'lease', 'op', 'created', 'updated', 'indexed', 'value' }

-- Unread mail of one reader, oldest first, as order, key, "<ms> <JSON>".
local function mailOf(reader, most)
  local unread = redis.call('ZRANGE', key('m', reader), 0, most - 1, 'WITHSCORES')
  local letters = {}
  for i = 1, #unread, 2 do
    letters[#letters + 1] = unread[i + 1]
    letters[#letters + 1] = unread[i]
    letters[#letters + 1] = redis.call('HGET', key('mv', reader), unread[i])
  end
  return letters
end
