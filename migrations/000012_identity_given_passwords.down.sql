ALTER TABLE identity.sign_ins DROP COLUMN made_by;
DROP INDEX identity.password_resets_started_by_idx;
ALTER TABLE identity.credentials DROP COLUMN given_by, DROP COLUMN given_at;
