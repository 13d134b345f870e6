DROP TABLE identity.attempts;
DROP TABLE identity.password_resets;
DROP TABLE identity.former_passwords;
DROP TABLE identity.credentials;
