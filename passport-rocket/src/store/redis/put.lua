-- ARGV[4]: the value. ARGV[5]: `absent`, or the version that has to be there, or nothing.
local old = look(KEYS[1])
local living = is_living(old)
if ARGV[5] == 'absent' then
    if living then
        return 0
    end
elseif ARGV[5] ~= '' then
    if not living or old.version ~= ARGV[5] then
        return 0
    end
end
write(KEYS[1], old, ARGV[4])
return 1
