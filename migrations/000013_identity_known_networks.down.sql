ALTER TABLE identity.sign_ins DROP COLUMN network;
