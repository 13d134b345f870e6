-- Fails while there are users without an email, which the version before cannot represent: give them one first.
DELETE FROM identity.attempts WHERE kind = 'user';
ALTER TABLE identity.attempts DROP CONSTRAINT attempts_kind;
ALTER TABLE identity.attempts ADD CONSTRAINT attempts_kind CHECK (kind IN ('account', 'address', 'device', 'session'));
COMMENT ON COLUMN identity.attempts.key IS 'Of an account its email_digest, whether there is such an account or not; of an address its bytes; of a device or a session its id.';

DROP TRIGGER users_search_again ON identity.users;
-- Rows with an employee number are filled again, without it.
UPDATE identity.users SET search = NULL, search_grams = NULL WHERE employee_number IS NOT NULL;
CREATE TRIGGER users_search_again BEFORE UPDATE OF email, full_name ON identity.users FOR EACH ROW
    WHEN ((lower(OLD.email), lower(OLD.full_name)) IS DISTINCT FROM (lower(NEW.email), lower(NEW.full_name))
        AND (OLD.search, OLD.search_grams) IS NOT DISTINCT FROM (NEW.search, NEW.search_grams))
    EXECUTE FUNCTION identity.search_again();
COMMENT ON COLUMN identity.users.search IS 'The name and the email as they are searched; null until the server fills it.';

ALTER TABLE identity.users
    DROP CONSTRAINT users_have_keys,
    DROP COLUMN employee_number,
    DROP COLUMN employee_number_key,
    DROP COLUMN phone,
    DROP COLUMN job,
    DROP COLUMN title,
    DROP COLUMN position,
    DROP COLUMN employment,
    DROP COLUMN joined_on,
    DROP COLUMN left_on,
    ALTER COLUMN email SET NOT NULL,
    ALTER COLUMN email_digest SET NOT NULL;
