import { Component as NewComponent } from "@angular/core";

export * from "@angular/core";
export const Component = (description: object) => NewComponent({ standalone: false, ...description });
