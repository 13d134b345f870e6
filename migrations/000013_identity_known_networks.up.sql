ALTER TABLE identity.sign_ins ADD COLUMN network bytea;
CREATE INDEX sign_ins_network_idx ON identity.sign_ins (network, at) WHERE network IS NOT NULL;

COMMENT ON COLUMN identity.sign_ins.network IS 'Of an attempt that succeeded: the bytes of its address, of IPv6 those of its /64. Hashes for known networks do not wait behind those for others.';
