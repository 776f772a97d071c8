-- Extends a lease that is still this epoch's, also one that is past: nobody took it.
--
-- KEYS[1] the partition.
-- ARGV    now, id, epoch, length of the lease.
-- Returns {1 where it is still held, 1 where unread mail waits}.
local id, epoch, leaseMs = take(), take(), tonumber(take())
local was = redis.call('HMGET', key('r', id), 'kind', 'epoch', 'owner', 'due', 'created')
if not was[3] or was[2] ~= epoch then return { 0, 0 } end
redis.call('HSET', key('r', id), 'lease', digits(now + leaseMs))
schedule(was[1], place(was[5], id), was[4], now + leaseMs)
return { 1, redis.call('EXISTS', key('m', id)) }
