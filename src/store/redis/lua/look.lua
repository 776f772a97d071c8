-- What may be claimed now, and when the next may be. Writes nothing: the takers choose among all partitions, then `take.lua` looks again.
--
-- KEYS[1] the partition.
-- ARGV    now, length of a lease, the most to tell per kind, indexed field to take turns by or '', kinds…
-- Returns {now, ms at which the next becomes claimable or '', {kind, place, due, …}, {value of the field, kind, place, due, …}}.
local leaseMs, most, field = tonumber(take()), tonumber(take()), take()
-- A lease further ahead than this was given before the clock went back.
local horizon = now + 2 * leaseMs
local ready, turns, nextMs = {}, {}, nil

local function later(ms)
  if ms and (not nextMs or ms < nextMs) then nextMs = ms end
end

local function tell(list, ...)
  for _, word in ipairs({ ... }) do list[#list + 1] = word end
end

-- When a record with both becomes claimable; at most now: it is.
local function claimableAt(due, lease)
  local from = math.max(now, due)
  if not lease or lease <= from or lease > from + 2 * leaseMs then return from end
  return lease
end

local function dueAndLease(member)
  local record = redis.call('HMGET', key('r', string.sub(member, 16)), 'due', 'lease')
  return tonumber(record[1] or nil), tonumber(record[2] or nil)
end

local function lookAt(kind)
  local free = redis.call('ZRANGEBYSCORE', key('free', kind), '-inf', now, 'WITHSCORES', 'LIMIT', 0, most)
  for i = 1, #free, 2 do tell(ready, kind, free[i], free[i + 1]) end
  later(tonumber(redis.call('ZRANGEBYSCORE', key('free', kind), '(' .. digits(now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]))

  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key('held', kind), '-inf', now)) do
    tell(ready, kind, member, digits((dueAndLease(member))))
  end
  later(tonumber(redis.call('ZRANGEBYSCORE', key('held', kind), '(' .. digits(now), digits(horizon), 'WITHSCORES', 'LIMIT', 0, 1)[2]))
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key('held', kind), '(' .. digits(horizon), '+inf')) do
    local due, lease = dueAndLease(member)
    local at = claimableAt(due, lease)
    if at <= now then tell(ready, kind, member, digits(due)) else later(at) end
  end
end

-- The oldest claimable records of each value of the field.
local PAGE = 100
local function lookInTurn(kind)
  for _, value in ipairs(redis.call('HKEYS', key('v', kind, field))) do
    local found, start = 0, 0
    while found < most do
      local page = redis.call('ZRANGE', key('f', kind, field, value), start, start + PAGE - 1)
      for _, member in ipairs(page) do
        local due, lease = dueAndLease(member)
        if found < most and due and claimableAt(due, lease) <= now then
          tell(turns, value, kind, member, digits(due))
          found = found + 1
        end
      end
      if #page < PAGE then break end
      start = start + PAGE
    end
  end
end

while arg < #ARGV do
  local kind = take()
  lookAt(kind)
  if field ~= '' then lookInTurn(kind) end
end
return { digits(now), nextMs and digits(nextMs) or '', ready, turns }
