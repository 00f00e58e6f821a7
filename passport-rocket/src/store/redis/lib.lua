-- What all scripts share. KEYS[1] is what they are about; ARGV[1] is what all keys of its space begin
-- with, ARGV[2] the time of the application in milliseconds, and ARGV[3] a life to begin, empty in a
-- space that nobody watches.
local prefix, now, life = ARGV[1], tonumber(ARGV[2]), ARGV[3]

-- So much may the clocks of two processes differ before housekeeping loses what one still needs.
local MARGIN = 60 * 1000
local DAY = 24 * 60 * 60 * 1000
local CENTURY = 100 * 365 * DAY

-- Redis writes a number as "%.14g" in some versions, which is none that it reads as an integer.
local function integer(number)
    return string.format('%.0f', number)
end

local function ttl(ends)
    return integer(math.min(math.max(ends - now, 0) + MARGIN, CENTURY))
end

-- The header of an entry; `header.rs` says what it holds. 64 bits of a version stay a string, since
-- a number here has 53.
local function parse(value)
    local kind = string.match(value, '^pst([eon])')
    local length = ({ e = 20, o = 52, n = 28 })[kind]
    if not length or #value < length then
        error('another program wrote under a key of passport', 0)
    end
    local header = {
        version = string.sub(value, 5, 12),
        ends = struct.unpack('>I8', string.sub(value, 13, 20)),
        count = 0,
    }
    if kind == 'o' then
        header.owner = string.sub(value, 21, 52)
    elseif kind == 'n' then
        header.count = struct.unpack('>I8', string.sub(value, 21, 28))
    end
    return header
end

local function look(key)
    local header = redis.call('GETRANGE', key, 0, 51)
    return header ~= '' and parse(header) or nil
end

local function is_living(header)
    return header ~= nil and now < header.ends
end

-- What was deleted is remembered for a day, and what has ended not at all: whoever read it knows
-- when that is. What was cut short is remembered until the end that somebody may have read before.
local function forget()
    local changes, ends, deleted = prefix .. 'changes', prefix .. 'ends', prefix .. 'deleted'
    local ended = integer(now - MARGIN)
    for _, hash in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', ended, 'LIMIT', 0, 100)) do
        redis.call('ZREM', changes, hash)
        redis.call('ZREM', ends, hash)
    end
    local before = integer(now - DAY)
    for _, hash in ipairs(redis.call('ZRANGEBYSCORE', deleted, '-inf', before, 'LIMIT', 0, 100)) do
        local number = tonumber(redis.call('ZSCORE', changes, hash) or 0)
        local forgotten = tonumber(redis.call('HGET', prefix .. 'log', 'forgotten') or 0)
        redis.call('HSET', prefix .. 'log', 'forgotten', integer(math.max(number, forgotten)))
        redis.call('ZREM', changes, hash)
        redis.call('ZREM', deleted, hash)
    end
end

-- Gives a change its number. `ends` is when the entry does; none if it was deleted.
local function note(hash, ends)
    if life == '' then
        return
    end
    forget()
    redis.call('HSETNX', prefix .. 'log', 'life', life)
    local number = redis.call('HINCRBY', prefix .. 'log', 'last', 1)
    redis.call('ZADD', prefix .. 'changes', integer(number), hash)
    if ends then
        local known = tonumber(redis.call('ZSCORE', prefix .. 'ends', hash) or 0)
        redis.call('ZADD', prefix .. 'ends', integer(math.max(ends, known)), hash)
        redis.call('ZREM', prefix .. 'deleted', hash)
    else
        redis.call('ZADD', prefix .. 'deleted', integer(now), hash)
        redis.call('ZREM', prefix .. 'ends', hash)
    end
end

local function disown(hash, owner)
    redis.call('ZREM', prefix .. 'o' .. owner, hash)
end

local function own(hash, header)
    local index = prefix .. 'o' .. header.owner
    redis.call('ZREMRANGEBYSCORE', index, '-inf', integer(now - MARGIN))
    redis.call('ZADD', index, integer(header.ends), hash)
    local lasts = ttl(header.ends)
    if redis.call('PTTL', index) < tonumber(lasts) then
        redis.call('PEXPIRE', index, lasts)
    end
end

-- Replaces what has the header `old` by `value`. The entry comes last: should an index not be
-- writable, nothing was.
local function write(key, old, value)
    local hash, header = string.sub(key, -32), parse(value)
    if old and old.owner and old.owner ~= header.owner then
        disown(hash, old.owner)
    end
    if header.owner then
        own(hash, header)
    end
    note(hash, header.ends)
    redis.call('SET', key, value, 'PX', ttl(header.ends))
end

local function erase(key, old)
    local hash = string.sub(key, -32)
    if old.owner then
        disown(hash, old.owner)
    end
    note(hash, nil)
    redis.call('DEL', key)
end
