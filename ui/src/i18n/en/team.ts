// Members, sharing, invitations, devices, services.

export const team = {} as const
