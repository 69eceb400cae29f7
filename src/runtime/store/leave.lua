-- Gives the turn back without a token. KEYS: the lock. ARGV: the caller's name.
if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('DEL', KEYS[1])
end
return 0
