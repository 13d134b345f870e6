-- What an institution knows of its people: their employee number, by which they sign in too, and their employment. The email
-- is optional for those who have a number.
--
-- Takes no time however many users there are, and locks them for that long. The constraints are checked for the rows that
-- are there by the migration after this one, which also makes the indexes.
ALTER TABLE identity.users
    ALTER COLUMN email DROP NOT NULL,
    ALTER COLUMN email_digest DROP NOT NULL,
    ADD COLUMN employee_number     text,
    ADD COLUMN employee_number_key text,
    ADD COLUMN phone               text,
    ADD COLUMN job                 text,
    ADD COLUMN title               text,
    ADD COLUMN position            text,
    ADD COLUMN employment          text NOT NULL DEFAULT 'employed',
    ADD COLUMN joined_on           date,
    ADD COLUMN left_on             date,
    ADD CONSTRAINT users_have_a_name CHECK (email IS NOT NULL OR employee_number IS NOT NULL) NOT VALID,
    ADD CONSTRAINT users_have_keys CHECK ((email IS NULL) = (email_digest IS NULL) AND (employee_number IS NULL) = (employee_number_key IS NULL)) NOT VALID,
    ADD CONSTRAINT users_employment CHECK (employment IN ('employed', 'on_leave', 'left')) NOT VALID,
    ADD CONSTRAINT users_left_after_they_joined CHECK (left_on >= joined_on) NOT VALID;

COMMENT ON COLUMN identity.users.employee_number IS 'As it was written, in Unicode form NFC.';
COMMENT ON COLUMN identity.users.employee_number_key IS 'The employee number in the form that is the same whatever case or width of characters wrote it.';
COMMENT ON COLUMN identity.users.employment IS 'Whether the person works there; is_active says whether the account can be used.';

-- The employee number is searched, too. The forms that are stored stay right: nobody has a number yet. An earlier version,
-- which may run beside this one, stores forms without it: they are filled again.
DROP TRIGGER users_search_again ON identity.users;
CREATE TRIGGER users_search_again BEFORE UPDATE OF email, full_name, employee_number ON identity.users FOR EACH ROW
    WHEN ((lower(OLD.email), lower(OLD.full_name), lower(OLD.employee_number)) IS DISTINCT FROM (lower(NEW.email), lower(NEW.full_name), lower(NEW.employee_number))
        AND (OLD.search, OLD.search_grams) IS NOT DISTINCT FROM (NEW.search, NEW.search_grams)
        OR NEW.employee_number IS NOT NULL AND split_part(NEW.search, E'\t', 3) = '')
    EXECUTE FUNCTION identity.search_again();
COMMENT ON COLUMN identity.users.search IS 'The name, the email and the employee number as they are searched; null until the server fills it.';

-- Attempts to sign in are counted by what was typed, which may be one of several names of an account, and by the account.
ALTER TABLE identity.attempts DROP CONSTRAINT attempts_kind;
ALTER TABLE identity.attempts ADD CONSTRAINT attempts_kind CHECK (kind IN ('account', 'user', 'address', 'device', 'session'));
COMMENT ON COLUMN identity.attempts.key IS 'Of an account the digest of the name that was typed, whether there is such an account or not; of a user the id, or that digest where there is none; of an address its bytes; of a device or a session its id.';
