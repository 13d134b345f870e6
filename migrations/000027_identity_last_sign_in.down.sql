ALTER TABLE identity.users DROP COLUMN last_sign_in_at;
