import { Module } from '@nestjs/common';
import { EnrolledFacesRepository } from './enrolled-faces.repository.ts';
import { EnrolledFaces } from './enrolled-faces.ts';
import { FaceAnalysis } from './face-analysis.ts';

/** Face analysis and the faces that are known, for the slices that need them. */
@Module({
  providers: [FaceAnalysis, EnrolledFaces, EnrolledFacesRepository],
  exports: [FaceAnalysis, EnrolledFaces],
})
export class FaceAnalysisModule {}
