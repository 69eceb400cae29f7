-- Puts a token into the store, unless somebody else has had the turn since: then the caller was too slow, and its token is older.
-- KEYS: the token, the lock, the fence. ARGV: the token; how long it lives (milliseconds); the caller's fence; its name.
-- Returns: 1 if it was put there, else 0.
local turn = redis.call('GET', KEYS[2]) == ARGV[4]
if turn then redis.call('DEL', KEYS[2]) end
if redis.call('GET', KEYS[3]) ~= ARGV[3] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
