-- Takes records that `look.lua` told of, as far as they still may be claimed: raises the epoch and starts the lease.
--
-- KEYS[1] the partition.
-- ARGV    now, owner, length of the lease, the most mail to hand over, attempt, the most bytes of values or 0, then each: kind, id.
-- Returns one {record, mail} for each that was taken: the record as RECORD names its fields, the mail as `mailOf` tells it.
local owner, leaseMs, mostMail, attempt, mostBytes = take(), tonumber(take()), tonumber(take()), take(), tonumber(take())
local taken, bytes = {}, 0
while arg < #ARGV do
  local kind, id = take(), take()
  local at = key('r', id)
  local was = redis.call('HMGET', at, 'kind', 'due', 'lease', 'created', 'claim')
  local due, lease = tonumber(was[2] or nil), tonumber(was[3] or nil)
  local isFree = was[1] == kind and due and due <= now and (not lease or lease <= now or lease > now + 2 * leaseMs)
  -- The claim of this very attempt: its answer was lost.
  local isMine = was[1] == kind and was[5] == attempt
  if isFree or isMine then
    bytes = bytes + redis.call('HSTRLEN', at, 'value')
    -- What does not fit is left, with all that comes behind it.
    if mostBytes > 0 and #taken > 0 and bytes > mostBytes then break end
  end
  if isFree and not isMine then
    redis.call('HINCRBY', at, 'epoch', 1)
    redis.call('HSET', at, 'owner', owner, 'lease', digits(now + leaseMs), 'claim', attempt)
    schedule(kind, place(was[4], id), due, now + leaseMs)
  end
  if isFree or isMine then
    local record = redis.call('HMGET', at, unpack(RECORD))
    record[#record + 1] = id
    taken[#taken + 1] = { record, mailOf(id, mostMail) }
  end
end
return taken
