-- What somebody granted is looked through when they leave.
CREATE INDEX grants_granted_by_idx ON access.grants (granted_by, id);
