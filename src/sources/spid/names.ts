export { SPID_NS } from '../../entities/names.ts';
