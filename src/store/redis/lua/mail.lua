-- All unread mail of one reader, oldest first.
--
-- KEYS[1] the partition.
-- ARGV    now, reader.
-- Returns {order, key, "<ms> <JSON>", …}.
return mailOf(take(), 0)
